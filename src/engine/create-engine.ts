import type { Engine, EngineOptions } from './engine.ts';

/** Builds the engine of this process; nothing runs before `start`, `recover` or `follow`. */
export declare function createEngine(options: EngineOptions): Engine;
