const LOOPBACK_HOSTS: readonly string[] = ['127.0.0.1', 'localhost', '::1', '[::1]'];

/** Whether a host is reached by programs of this machine alone, so that it may be served without a login. */
export const isLoopback = (host: string): boolean => LOOPBACK_HOSTS.includes(host.toLowerCase());
