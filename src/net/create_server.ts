/**
 * Puts broker, server and log together, not started yet.
 */

import { OPEN_ACCESS } from "../access/open_access.ts";
import { Broker } from "../broker/broker.ts";
import { SysTopics } from "../broker/sys_topics.ts";
import type { Settings } from "../config/settings.ts";
import { VERSION } from "../version.ts";
import type { PreparedAccess } from "./access_setup.ts";
import { BrokerLog } from "./broker_log.ts";
import { brokerLimits, serverLimits } from "./limits.ts";
import { createLogin, openLogin } from "./login_settings.ts";
import type { Persistence } from "./persistence.ts";
import { Server } from "./server.ts";

/** What a server has besides its settings. */
export interface ServerParts {
  /** Without it everything is in memory only. */
  readonly persistence?: Persistence;
  /** Without it no name is proven, and whoever is connected may do everything. */
  readonly access?: Pick<PreparedAccess, "access" | "login">;
}

/** The broker's clock: milliseconds that never go back. */
export function nowMs(): number {
  return performance.now();
}

/** A server for `settings`, which logs as was configured already. */
export function createServer(
  settings: Settings,
  { persistence, access }: ServerParts = {},
): Server {
  const log = new BrokerLog(nowMs);
  const broker = new Broker({
    limits: brokerLimits(settings),
    access: access?.access ?? OPEN_ACCESS,
    events: log,
    nowMs,
    ...(persistence === undefined ? {} : { journal: persistence.journal }),
    seed: crypto.getRandomValues(new Int32Array(1))[0] ?? 0,
  });
  return new Server({
    broker,
    listeners: settings.listeners,
    limits: serverLimits(settings),
    events: log,
    login: createLogin(access?.login ?? openLogin(settings), {
      events: log.access,
      statistics: broker.statistics,
      nowMs,
    }),
    nowMs,
    sysTopics: new SysTopics(broker, `broker version ${VERSION}`),
    sysIntervalMs: settings.sysIntervalMs,
    storeFigures: () => persistence?.figures(),
  });
}
