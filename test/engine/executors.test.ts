import { testExecutor } from '../suites/executor.ts';
import { inlineOn, processOn } from './fixtures/workbench.ts';

testExecutor('inline', inlineOn);
testExecutor('process', processOn);
