/**
 * What a server does about once a second besides looking after its connections: `$SYS`, memory, rates,
 * logins, the log.
 *
 * Owns when each is due. The clock is passed in.
 */

import { exposedCollect } from "../collection.ts";
import type { Broker } from "../broker/broker.ts";
import type { StoreFigures, SysTopics } from "../broker/sys_topics.ts";
import type { LoginService } from "./login_service.ts";
import { MemoryKeeper } from "./memory.ts";
import { RateWindow } from "./rates.ts";

export interface HousekeepingOptions {
  readonly broker: Broker;
  readonly login: LoginService;
  readonly events: { tick(nowMs: number): void };
  readonly sysTopics: SysTopics;
  /** `Infinity`: no `$SYS` topics. */
  readonly sysIntervalMs: number;
  /** For `$SYS`; undefined when nothing is stored. */
  storeFigures(): StoreFigures | undefined;
  /** Milliseconds that never go back. */
  nowMs(): number;
}

function residentBytes(): number {
  return Deno.memoryUsage().rss;
}

export class Housekeeping {
  readonly rates = new RateWindow();
  /** A reload may replace it. */
  sysIntervalMs: number;
  readonly #options: HousekeepingOptions;
  readonly #memory: MemoryKeeper;
  #sysUpdatedMs = -Infinity;
  #maximumMemoryBytes = 0;

  constructor(options: HousekeepingOptions, connections: () => number) {
    const { broker } = options;
    this.#options = options;
    this.sysIntervalMs = options.sysIntervalMs;
    this.#memory = new MemoryKeeper(exposedCollect(), {
      nowMs: () => options.nowMs(),
      residentBytes,
      bytesReceived: () => broker.statistics.bytesReceived,
      connections,
      release: () => broker.pool.clear(),
    });
  }

  tick(nowMs: number): void {
    const { broker, login, events } = this.#options;
    if (this.sysIntervalMs < Infinity && nowMs - this.#sysUpdatedMs >= this.sysIntervalMs) {
      this.#sysUpdatedMs = nowMs;
      this.#updateSysTopics();
    }
    this.rates.note(nowMs, broker.statistics);
    this.#memory.tick();
    login.tick(nowMs);
    events.tick(nowMs);
  }

  #updateSysTopics(): void {
    const currentBytes = residentBytes();
    this.#maximumMemoryBytes = Math.max(this.#maximumMemoryBytes, currentBytes);
    const memory = { currentBytes, maximumBytes: this.#maximumMemoryBytes };
    const { sysTopics } = this.#options;
    sysTopics.update(memory, this.#options.storeFigures());
  }
}
