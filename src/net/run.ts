/**
 * Puts broker, server and log together from the settings, and runs them until a signal comes.
 *
 * Owns the life of the process while it serves. The first SIGINT or SIGTERM stops gracefully, the
 * second ends at once.
 */

import { OpenAccess } from "../access/open_access.ts";
import { Broker } from "../broker/broker.ts";
import type { BrokerLimits } from "../broker/limits.ts";
import { SysTopics } from "../broker/sys_topics.ts";
import { describeListeners, describePersistence } from "../config/policy.ts";
import type { Settings } from "../config/settings.ts";
import { getLogger } from "../log/logger.ts";
import type { QoS } from "../protocol/packet.ts";
import { VERSION } from "../version.ts";
import { StoreInUseError } from "../storage/store.ts";
import { BrokerLog } from "./broker_log.ts";
import { openPersistence, type Persistence } from "./persistence.ts";
import { Server, type ServerLimits } from "./server.ts";

/** Exit codes of systemd and shells: 128 and the number of the signal that ended it. */
const EXIT_SECOND_SIGNAL = 130;
const EXIT_CANNOT_LISTEN = 1;
const EXIT_STORE_IN_USE = 3;

/** Runs until it is told to stop; resolves with the exit code. */
export async function runServer(settings: Settings): Promise<number> {
  const log = getLogger("server");
  log.info("broker {version} starts", { version: VERSION });
  for (const line of describeListeners(settings)) log.info("{policy}", { policy: line });
  log.info("{policy}", { policy: describePersistence(settings) });
  let persistence: Persistence;
  try {
    persistence = await openPersistence(settings, nowMs);
  } catch (error) {
    if (!(error instanceof StoreInUseError)) throw error;
    log.error("{reason}. Stop it, or give this one another persistence.path", {
      reason: error.message,
    });
    return EXIT_STORE_IN_USE;
  }
  const server = createServer(settings, persistence);
  persistence.attach(server);
  const errors = await server.start();
  const stopped = errors.length === settings.listeners.length && errors.every(isPermanent)
    ? EXIT_CANNOT_LISTEN
    : await signalled(log);
  persistence.hurry();
  await server.stop();
  await persistence.close();
  log.info("broker stopped");
  return stopped;
}

/** Nothing to wait for: somebody has to act. */
function isPermanent(error: Error): boolean {
  return error instanceof Deno.errors.AddrInUse || error instanceof Deno.errors.PermissionDenied;
}

/** Broker's clock: milliseconds that never go back. */
function nowMs(): number {
  return performance.now();
}

/**
 * A server for `settings`, not started yet; without `persistence` everything is in memory only.
 * Packets are traced if the part `message` of the log, which is configured already, is at level debug.
 */
export function createServer(settings: Settings, persistence?: Persistence): Server {
  const log = new BrokerLog(nowMs);
  const broker = new Broker({
    limits: brokerLimits(settings),
    access: new OpenAccess((packet, origin, rule) =>
      log.accessRefused(origin.address, packet.clientIdentifier, rule)
    ),
    events: log,
    nowMs,
    ...(persistence === undefined ? {} : { journal: persistence.journal }),
    seed: crypto.getRandomValues(new Int32Array(1))[0] ?? 0,
  });
  const hasSysTopics = Number.isFinite(settings.sysIntervalMs);
  return new Server({
    broker,
    listeners: settings.listeners,
    limits: serverLimits(settings),
    events: log,
    nowMs,
    sysTopics: hasSysTopics ? new SysTopics(broker, `broker version ${VERSION}`) : undefined,
    sysIntervalMs: settings.sysIntervalMs,
    storeFigures: () => persistence?.figures(),
  });
}

/** What the core may use, from the settings. */
export function brokerLimits({ limits, sessions, features }: Settings): BrokerLimits {
  return Object.freeze({
    maximumSessions: limits.maxSessions,
    maximumPacketSize: limits.maxPacketSizeBytes,
    maximumTopicLength: limits.maxTopicLengthBytes,
    maximumTopicLevels: limits.maxTopicLevels,
    maximumSubscriptionsPerClient: limits.maxSubscriptionsPerClient,
    maximumSubscriptions: limits.maxSubscriptions,
    maximumSubscriptionBytes: limits.maxSubscriptionBytes,
    maximumRetainedMessages: limits.maxRetainedMessages,
    maximumRetainedBytes: limits.maxRetainedBytes,
    topicAliasMaximum: limits.maxTopicAlias,
    receiveMaximum: limits.receiveMaximum,
    maximumInflightMessages: limits.maxInflightMessages,
    maximumKeepAlive: limits.maxKeepaliveMs === Infinity ? 0 : limits.maxKeepaliveMs / 1000,
    topicTableCapacity: limits.topicCacheSize,
    maximumSessionExpiryMs: sessions.maxSessionExpiryIntervalMs,
    persistentClientExpirationMs: sessions.persistentClientExpirationMs,
    maximumQueuedMessages: sessions.maxQueuedMessages,
    maximumQueuedBytes: sessions.maxQueuedBytes,
    maximumTotalQueuedBytes: sessions.maxTotalQueuedBytes,
    queueOverflow: sessions.queueOverflow,
    queueQoS0Messages: sessions.queueQos0Messages,
    allowZeroLengthClientIdentifier: sessions.allowZeroLengthClientid,
    retainAvailable: features.retainAvailable,
    maximumQoS: features.maxQos as QoS,
  });
}

function serverLimits({ limits }: Settings): ServerLimits {
  return Object.freeze({
    maximumConnections: limits.maxConnections,
    maximumConnectionsPerAddress: limits.maxConnectionsPerAddress,
    connectTimeoutMs: limits.connectTimeoutMs,
    maximumConnectPacketSize: limits.maxConnectPacketSizeBytes,
    maximumBufferedBytesPerClient: limits.maxBufferedBytesPerClient,
    maximumBufferedBytes: limits.maxBufferedBytes,
    topicAliasMaximumTowardsClient: limits.maxTopicAliasBroker,
  });
}

/** Resolves with exit code 0 at the first signal; the second one ends the process at once. */
function signalled(log: ReturnType<typeof getLogger>): Promise<number> {
  const signals: Deno.Signal[] = Deno.build.os === "windows"
    ? ["SIGINT", "SIGBREAK"]
    : ["SIGINT", "SIGTERM"];
  return new Promise((resolve) => {
    let count = 0;
    for (const signal of signals) {
      Deno.addSignalListener(signal, () => {
        if (++count > 1) Deno.exit(EXIT_SECOND_SIGNAL);
        log.info("{signal} received: stopping; a second one ends at once", { signal });
        resolve(0);
      });
    }
  });
}
