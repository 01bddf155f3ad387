/** For commands that a script runs: prints problems and nothing else. */
export const quietTerminal = {
  environment: {},
  isInteractive: false,
  readSecret: async () => '',
  print: () => {},
  warn: (text) => process.stderr.write(text),
  onSignal: () => () => {},
  onUncaughtError: () => {},
};
