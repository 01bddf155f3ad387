import { createServer as createSocket } from 'node:net';
import { UsageError } from '../project/errors.ts';

/** Checks that the port is free before anything slow starts; 0 means any port. */
export async function findPort({ host, port }: { readonly host: string; readonly port: number }): Promise<number> {
  const socket = createSocket();
  return new Promise<number>((resolve, reject) => {
    socket.once('error', (error: NodeJS.ErrnoException) => {
      reject(new UsageError('port_unusable', `${adviceFor(error.code, { host, port })}`, { cause: error }));
    });
    socket.listen(port, host, () => {
      const address = socket.address();
      socket.close(() => resolve(typeof address === 'object' && address !== null ? address.port : port));
    });
  });
}

function adviceFor(code: string | undefined, { host, port }: { readonly host: string; readonly port: number }): string {
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} of ${host} is taken by another program. Choose another with --port (or WEIR_PORT), for example --port ${port + 1}, or --port 0 for any.`;
    case 'EACCES':
      return `This user may not listen on port ${port}: those below 1024 are kept for root. Choose another with --port (or WEIR_PORT), for example --port 8080.`;
    default:
      return `Could not listen on ${host}:${port} (${code}). Choose another address with --port, WEIR_PORT or server.host.`;
  }
}
