/** The few things of WebAssembly that kernels need; TypeScript knows them only together with a browser. */
export interface WebAssemblyRuntime {
  readonly Memory: new (size: { readonly initial: number }) => KernelMemory;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: { readonly env: { readonly memory: KernelMemory } },
  ) => { readonly exports: Readonly<Record<string, unknown>> };
}

export interface KernelMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** Undefined where Node runs without a compiler (`--jitless`). */
export const webAssembly: WebAssemblyRuntime | undefined = Reflect.get<object, string>(globalThis, 'WebAssembly');
