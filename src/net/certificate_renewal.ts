/**
 * Looks once a day at the certificates that `broker cert` made for our listeners, and renews them.
 *
 * Owns the timer and what the log says. The listeners notice new files by themselves.
 */

import { type Renewal, renewIfDue } from "../certificates/renew.ts";
import type { Settings } from "../config/settings.ts";
import { getLogger } from "../log/logger.ts";

const DAY_MS = 86_400_000;

export class CertificateRenewal {
  readonly #log = getLogger("server");
  readonly #files: () => readonly string[];
  readonly #renew: typeof renewIfDue;
  readonly #timer: ReturnType<typeof setInterval>;

  /** Asks `settings` each time, so that a reload is noticed. Looks at once, too. */
  constructor(settings: () => Settings, renew: typeof renewIfDue = renewIfDue) {
    this.#renew = renew;
    this.#files = () => filesOf(settings());
    this.#timer = setInterval(() => void this.look(), DAY_MS);
    void this.look();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Never rejects. */
  async look(): Promise<void> {
    for (const file of this.#files()) {
      try {
        this.#tell(file, await this.#renew(file, Date.now()));
      } catch (error) {
        this.#log.error("Cannot look at the certificate '{file}': {error}", { file, error });
      }
    }
  }

  #tell(file: string, renewal: Renewal): void {
    switch (renewal.kind) {
      case "renewed":
        this.#log.info("The certificate '{file}' was renewed: it is good until {end}", {
          file,
          end: day(renewal.endsAtMs),
        });
        break;
      case "ca_ends":
        this.#log.warning(
          "The certificate '{file}' ends on {end}, with the CA that signed it: make a new CA with " +
            "'broker cert --new-ca', and give it to all clients",
          { file, end: day(renewal.endsAtMs) },
        );
        break;
      case "failed":
        this.#log.warning("Cannot renew the certificate '{file}': {reason}", {
          file,
          reason: renewal.reason,
        });
        break;
      case "good":
        if (renewal.missingNames.length === 0) break;
        this.#log.info(
          "The certificate '{file}' does not name {names}: 'broker cert' makes one that does",
          { file, names: renewal.missingNames.join(", ") },
        );
        break;
      case "not_ours":
        break;
    }
  }
}

/** Each once. */
function filesOf({ listeners }: Settings): readonly string[] {
  return [...new Set(listeners.flatMap(({ tls }) => tls.certificate ?? []))];
}

function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}
