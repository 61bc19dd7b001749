/**
 * What the command line of `broker` itself says beside the configuration.
 *
 * Owns the shape only: `cli/` reads it from the arguments and changes the settings by it.
 */

/** The options of `broker` when it serves, as given. */
export interface ServeOptions {
  /** The file to read; undefined reads none. */
  readonly configFile: string | undefined;
  /** Ports that take the place of the configured listeners; none leaves those. */
  readonly ports: readonly number[];
  /** Everything is logged, every packet in one line. */
  readonly verbose: boolean;
  /** Only errors are logged. */
  readonly quiet: boolean;
}
