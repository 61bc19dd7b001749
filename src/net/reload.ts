/**
 * A reload: the whole new configuration at once, or nothing of it.
 *
 * Owns the order. Everything that can go wrong comes first: the file is read and checked, users, keys
 * and rules are read, new listeners are opened. What follows cannot fail. Sessions and connections
 * stay unless the configuration of now would not let them in.
 */

import { messageOf } from "../error_text.ts";
import { describeDifferences, type Difference } from "../config/differences.ts";
import type { Configuration, ReadConfiguration } from "../config/configuration.ts";
import { controlPath } from "../config/control_path.ts";
import { hasJwt } from "../config/derived.ts";
import type { Settings } from "../config/settings.ts";
import type { AccessSetup, PreparedAccess } from "./access_setup.ts";
import { brokerLimits, serverLimits } from "./limits.ts";
import { type Proofs, refusalNow, secretsByUser } from "./rejudge.ts";
import type { Server } from "./server.ts";

/** What came of it, in one line each. */
export interface ReloadReport {
  readonly ok: boolean;
  readonly lines: readonly string[];
}

/** Settings that hold from the next start on. */
const AT_START = ["persistence.", "limits.topic_cache_size"];

export interface ReloadOptions {
  readonly server: Server;
  readonly access: AccessSetup;
  /** What is in use now. */
  readonly configuration: Configuration;
  readonly prepared: PreparedAccess;
  read(): Promise<ReadConfiguration>;
  /** Puts the logging of now to use. */
  applyLogging(configuration: Configuration): void;
}

export class Reloader {
  readonly #options: ReloadOptions;
  #configuration: Configuration;
  #prepared: PreparedAccess;
  /** The reload before this one has ended. */
  #previous: Promise<unknown> = Promise.resolve();

  constructor(options: ReloadOptions) {
    this.#options = options;
    this.#configuration = options.configuration;
    this.#prepared = options.prepared;
  }

  /** What is in use. */
  get configuration(): Configuration {
    return this.#configuration;
  }

  /** Never throws. Reloads that are asked for together are done one after the other. */
  reload(): Promise<ReloadReport> {
    const report = this.#previous.then(() => this.#reload());
    this.#previous = report;
    return report;
  }

  /** Resolves when no reload is going on. */
  async idle(): Promise<void> {
    await this.#previous;
  }

  async #reload(): Promise<ReloadReport> {
    try {
      const read = await this.#options.read();
      if (!read.ok) return refused(read.report.trimEnd().split("\n"));
      return await this.#replace(read.configuration);
    } catch (error) {
      return refused([messageOf(error)]);
    }
  }

  async #replace(next: Configuration): Promise<ReloadReport> {
    const { server, access } = this.#options;
    const differences = describeDifferences(this.#configuration.settings, next.settings);
    const prepared = await access.prepare(next);
    const listeners = await server.listeners.prepare(next.settings.listeners).catch((error) => {
      prepared.close();
      throw error;
    });
    // From here on nothing is refused.
    let ended = 0;
    await listeners.apply(() => ended = this.#takeEffect(next, prepared, listeners.renamed));
    this.#prepared.close();
    this.#prepared = prepared;
    this.#configuration = next;
    this.#options.applyLogging(next);
    return {
      ok: true,
      lines: [...reportLines(differences, ended), ...this.#socketLines(next), ...prepared.warnings],
    };
  }

  /** Its control socket is where it was at the start; commands look beside the data of now. */
  #socketLines({ settings }: Configuration): string[] {
    const path = controlPath(this.#options.configuration.settings.persistence);
    if (controlPath(settings.persistence) === path) return [];
    return [
      `Until the next start, 'broker reload', 'broker status' and the like need --socket '${path}'`,
    ];
  }

  /** All at once, without waiting. Returns how many connections were closed. */
  #takeEffect(
    next: Configuration,
    prepared: PreparedAccess,
    renamed: ReadonlyMap<string, string>,
  ): number {
    const { server, access } = this.#options;
    access.login.apply(server.login, prepared.login);
    renameListeners(server.broker, renamed);
    const proofs = this.#proofs(next, prepared);
    return server.apply({
      limits: serverLimits(next.settings),
      brokerLimits: brokerLimits(next.settings),
      access: prepared.access,
      sysIntervalMs: next.settings.sysIntervalMs,
      refusalOf: (connection, listener) => {
        const current = server.listeners.currentOf(listener);
        return current === undefined
          ? "its listener is gone"
          : refusalNow(connection, current.options, proofs);
      },
    });
  }

  #proofs({ settings }: Configuration, prepared: PreparedAccess): Proofs {
    return {
      before: secretsByUser(this.#configuration.settings, this.#prepared.login),
      now: secretsByUser(settings, prepared.login),
      others: othersNow(this.#configuration.settings, settings),
    };
  }

  /** Ends what the login methods hold. */
  close(): void {
    this.#prepared.close();
  }
}

const OTHER_PROOFS = ["authentication.jwt.", "authentication.http.url", "authentication.http.ca"];

function othersNow(before: Settings, now: Settings): Proofs["others"] {
  const { authentication } = now;
  if (!hasJwt(authentication) && authentication.http.url === undefined) return "none";
  const differences = describeDifferences(before, now);
  return differences.some(({ key }) => OTHER_PROOFS.some((proof) => key.startsWith(proof)))
    ? "changed"
    : "same";
}

/** Rules for listeners go by their names, for those who came in before as well. */
function renameListeners(
  broker: Server["broker"],
  renamed: ReadonlyMap<string, string>,
): void {
  if (renamed.size === 0) return;
  for (const session of broker.sessions.values()) {
    const listener = renamed.get(session.identity.listener);
    if (listener === undefined) continue;
    session.identity = { ...session.identity, listener };
    if (session.isDurable) broker.journal.saveSession(session);
  }
}

function refused(reasons: readonly string[]): ReloadReport {
  return {
    ok: false,
    lines: ["Nothing has changed: the new configuration cannot be used", ...reasons],
  };
}

function reportLines(differences: readonly Difference[], ended: number): string[] {
  const lines = differences.map(({ key, text }) =>
    AT_START.some((start) => key.startsWith(start)) ? `${text} (from the next start on)` : text
  );
  if (lines.length === 0) lines.push("No setting has changed; files were read again");
  if (ended > 0) lines.push(`Connections closed, as they would have to log in anew: ${ended}`);
  return lines;
}
