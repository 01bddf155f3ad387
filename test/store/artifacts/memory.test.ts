import { memoryArtifacts } from '#store';
import { testArtifactDriver } from '../../suites/artifact-driver.ts';

testArtifactDriver('memory', async () => memoryArtifacts());
