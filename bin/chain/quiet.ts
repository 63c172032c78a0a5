/**
 * Node announces on the terminal that its SQLite may still change. Whoever runs a chain can do
 * nothing about that; every other warning is shown.
 */
export function hideSqliteNotice(): void {
  const emit = process.emitWarning.bind(process) as (...args: unknown[]) => void;
  process.emitWarning = (warning: string | Error, ...rest: unknown[]): void => {
    const text = typeof warning === "string" ? warning : warning.message;
    if (!text.startsWith("SQLite is an experimental feature")) emit(warning, ...rest);
  };
}
