/** The parts of WebAssembly that kernels need; TypeScript declares them only for browsers. */
export interface WebAssemblyRuntime {
  readonly Memory: new (size: { readonly initial: number }) => KernelMemory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: { readonly env: { readonly memory: KernelMemory } & Readonly<Record<string, unknown>> },
  ) => { readonly exports: Readonly<Record<string, unknown>> };
}

export interface KernelMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** Undefined when Node runs without a compiler (`--jitless`). */
export const webAssembly: WebAssemblyRuntime | undefined = Reflect.get<object, string>(globalThis, 'WebAssembly');
