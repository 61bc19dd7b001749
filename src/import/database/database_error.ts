/**
 * What went wrong with the import of a `mosquitto.db`: in which file, where in it, and what helps.
 *
 * Owns the form of the text, not the reasons.
 */

export interface DatabaseFailure {
  readonly path: string;
  /** Bytes from the start of the file; undefined: it is not about what is in the file. */
  readonly offset?: number;
  /** One sentence without its end: what the user can do about it. */
  readonly advice: string;
}

/** `message` says what is wrong and where; `advice` what to do about it. */
export class DatabaseError extends Error {
  override readonly name = "DatabaseError";
  readonly path: string;
  readonly offset: number | undefined;
  readonly advice: string;

  constructor(problem: string, { path, offset, advice }: DatabaseFailure) {
    const place = offset === undefined ? "" : ` at byte ${offset.toLocaleString("en-US")}`;
    super(`Cannot import '${path}'${place}: ${problem}`);
    this.path = path;
    this.offset = offset;
    this.advice = advice;
  }
}

/** The advice for a file whose content cannot be right. */
export const IF_DAMAGED =
  "The file is damaged or was cut off. Start Mosquitto with it once and stop it again " +
  "(sudo systemctl start mosquitto; sudo systemctl stop mosquitto): if Mosquitto can still read " +
  "it, it writes it anew. Else import an older copy, or go on without it: retained messages and " +
  "sessions come back as the clients publish and subscribe";
