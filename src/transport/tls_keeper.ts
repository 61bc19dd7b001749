/**
 * The TLS files of one listener over time: reads them, notices new ones, warns before they end.
 *
 * Owns which files are in use. Invariant: what is in use was valid when it was taken; a new
 * certificate that cannot be used changes nothing but one line in the log.
 */

import { messageOf } from "../error_text.ts";
import { FileWatch } from "./file_watch.ts";
import { readTlsFiles, type TlsFiles, tlsPaths } from "./tls_files.ts";
import type { TlsOptions } from "./tls_options.ts";

export interface TlsKeeperHost {
  /** Other files are in use from now on. */
  tlsFilesReplaced(files: TlsFiles): void;
  /** For the log: whole sentences without a period. */
  tlsNotice(level: "info" | "warning" | "error", text: string): void;
}

const DAY_MS = 86_400_000;
const WARN_BEFORE_END_MS = 21 * DAY_MS;
/** Lists of revoked certificates live shorter. */
const WARN_BEFORE_CRL_ENDS_MS = 2 * DAY_MS;

export class TlsKeeper {
  readonly #options: TlsOptions;
  readonly #host: TlsKeeperHost;
  readonly #nowMs: () => number;
  readonly #watch: FileWatch;
  #files: TlsFiles;
  /** What was said about new files that cannot be used. */
  #complaint: string | undefined;
  #warnedMs = -Infinity;
  #isLooking = false;

  private constructor(
    options: TlsOptions,
    files: TlsFiles,
    host: TlsKeeperHost,
    nowMs: () => number,
  ) {
    this.#options = options;
    this.#files = files;
    this.#host = host;
    this.#nowMs = nowMs;
    this.#watch = new FileWatch(tlsPaths(options), () => void this.look());
    this.#warnOfEnd();
  }

  /** Reads the files. Rejects with an Error for people. `nowMs`: the time of the wall. */
  static async open(
    options: TlsOptions,
    host: TlsKeeperHost,
    nowMs: () => number = Date.now,
  ): Promise<TlsKeeper> {
    return new TlsKeeper(options, await readTlsFiles(options), host, nowMs);
  }

  /** What is in use. */
  get files(): TlsFiles {
    return this.#files;
  }

  /** Looks for new files. Called by itself when something changed, and once a minute. */
  async look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      const files = await readTlsFiles(this.#options);
      this.#check(files);
      if (files.digest !== this.#files.digest) this.#replace(files);
      this.#complaint = undefined;
    } catch (error) {
      this.#complain(messageOf(error));
    } finally {
      this.#isLooking = false;
    }
    this.#warnOfEnd();
  }

  /** New files must be better than those in use, which are kept otherwise. */
  #check(files: TlsFiles): void {
    if (files.digest === this.#files.digest || files.endsAtMs > this.#nowMs()) return;
    throw new Error(
      `The certificate '${this.#options.certificate}' has ended on ${date(files.endsAtMs)}`,
    );
  }

  #replace(files: TlsFiles): void {
    this.#files = files;
    this.#warnedMs = -Infinity;
    this.#host.tlsNotice(
      "info",
      `New TLS files are in use: '${this.#options.certificate}' is valid until ` +
        `${date(files.endsAtMs)}; connections stay`,
    );
    this.#host.tlsFilesReplaced(files);
  }

  #complain(reason: string): void {
    if (reason === this.#complaint) return;
    this.#complaint = reason;
    this.#host.tlsNotice("error", `${reason}; the TLS files from before stay in use`);
  }

  /** At most once a day. */
  #warnOfEnd(): void {
    const nowMs = this.#nowMs();
    if (nowMs - this.#warnedMs < DAY_MS) return;
    const { endsAtMs, revocationList } = this.#files;
    const crlEndsAtMs = revocationList?.nextUpdateMs ?? Infinity;
    if (endsAtMs - nowMs > WARN_BEFORE_END_MS && crlEndsAtMs - nowMs > WARN_BEFORE_CRL_ENDS_MS) {
      return;
    }
    this.#warnedMs = nowMs;
    if (endsAtMs - nowMs <= WARN_BEFORE_END_MS) {
      this.#tellEnd(`The certificate '${this.#options.certificate}'`, endsAtMs, nowMs);
    }
    if (crlEndsAtMs - nowMs <= WARN_BEFORE_CRL_ENDS_MS) {
      this.#tellEnd(`The CRL '${this.#options.crl}'`, crlEndsAtMs, nowMs);
    }
  }

  #tellEnd(what: string, endsAtMs: number, nowMs: number): void {
    if (endsAtMs <= nowMs) {
      return this.#host.tlsNotice("error", `${what} has ended on ${date(endsAtMs)}; renew it`);
    }
    const days = Math.floor((endsAtMs - nowMs) / DAY_MS);
    const left = days === 0 ? "today" : days === 1 ? "in 1 day" : `in ${days} days`;
    this.#host.tlsNotice("warning", `${what} ends ${left}, on ${date(endsAtMs)}; renew it`);
  }

  close(): void {
    this.#watch.close();
  }
}

function date(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
