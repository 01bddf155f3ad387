import type { Kernel } from './kernel.ts';
import { openPlainKernel } from './plain-kernel.ts';
import type { KernelPlan } from './plan.ts';

/** A kernel for a plan. */
export function openKernel(plan: KernelPlan): Kernel {
  return openPlainKernel(plan);
}
