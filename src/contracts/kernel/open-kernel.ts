import { type WebAssemblyRuntime, webAssembly } from '#store';
import type { Kernel } from './kernel.ts';
import { openPlainKernel } from './plain-kernel.ts';
import type { KernelPlan } from './plan.ts';
import { openWasmKernel } from './wasm-kernel.ts';

/** A kernel for a plan: in WebAssembly, or in plain TypeScript where Node has no compiler for it. */
export function openKernel(plan: KernelPlan, runtime: WebAssemblyRuntime | undefined = webAssembly): Kernel {
  return runtime === undefined ? openPlainKernel(plan) : openWasmKernel(plan, runtime);
}
