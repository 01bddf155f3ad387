import { testExecutor } from '../suites/executor.ts';
import { inlineOn, processFromSourceOn } from './fixtures/workbench.ts';

testExecutor('inline', inlineOn);
testExecutor('process', processFromSourceOn);
