/**
 * `status`: the state of the whole broker as one item.
 *
 * Owns which figure is where; reads everything and changes nothing.
 */

import { resolve } from "node:path";
import type { Configuration } from "../../config/configuration.ts";
import { describeListeners } from "../../config/policy.ts";
import type { AnswerStream } from "../../control/answer_stream.ts";
import type { Fill, ListenerItem, StatusItem, StoreItem } from "../../control/items.ts";
import { VERSION } from "../../version.ts";
import { listenFailure } from "../broker_log.ts";
import { formatAddress, type Listener } from "../listener.ts";
import type { StoreStatus } from "../persistence.ts";
import type { Server } from "../server.ts";
import { WallClock } from "./wall_clock.ts";

/** Banned addresses that are named. */
const MOST_BANS = 100;

/** What the status is of. */
export interface StatusSources {
  readonly server: Server;
  readonly configuration: Configuration;
  readonly store: StoreStatus | undefined;
}

/** `stream`: for its turns alone. */
export async function statusItem(
  { server, configuration, store }: StatusSources,
  stream: Pick<AnswerStream, "rest">,
): Promise<StatusItem> {
  const connections = await connectionsByListener(server, stream);
  const nowMs = server.nowMs();
  const clock = new WallClock(nowMs, Date.now());
  const { broker } = server;
  const { statistics } = broker;
  const { places } = configuration;
  const uptimeMs = performance.now();
  return {
    version: VERSION,
    processId: Deno.pid,
    startedAt: new Date(Date.now() - uptimeMs).toISOString(),
    uptime: Math.floor(uptimeMs / 1000),
    configurationFile: places === undefined ? null : resolve(places.file),
    listeners: listenerItems(server, configuration, connections),
    clients: {
      connected: statistics.clientsConnected,
      away: broker.sessions.size - statistics.clientsConnected,
      maximumConnected: statistics.clientsMaximum,
      connections: server.connectionCount,
      maximumConnections: limitOf(server.limits.maximumConnections),
    },
    rates: server.rates.rates(nowMs, statistics),
    totals: totalsOf(server),
    dropped: droppedOf(server),
    memory: memoryOf(server),
    store: store === undefined ? null : storeItem(store),
    queuedMessages: statistics.queuedMessages,
    retained: {
      count: broker.retained.count - broker.retained.systemCount,
      maximumCount: limitOf(broker.limits.maximumRetainedMessages),
    },
    subscriptions: {
      count: broker.router.tree.size,
      shared: broker.router.tree.sharedSize,
      maximumCount: limitOf(broker.limits.maximumSubscriptions),
    },
    bans: bansOf(server, clock),
  };
}

/** With those of a listener that a reload has replaced. */
async function connectionsByListener(
  { connections, listeners }: Server,
  stream: Pick<AnswerStream, "rest">,
): Promise<ReadonlyMap<Listener, number>> {
  const counts = new Map<Listener, number>();
  let left = connections.size;
  for (const { listener } of connections.values()) {
    if (--left < 0) break;
    const current = listeners.currentOf(listener);
    if (current !== undefined) counts.set(current, (counts.get(current) ?? 0) + 1);
    const others = stream.rest();
    if (others !== undefined) await others;
  }
  return counts;
}

/** The listeners of a server are in the order of its settings. */
function listenerItems(
  { listeners }: Server,
  { settings }: Configuration,
  connections: ReadonlyMap<Listener, number>,
): ListenerItem[] {
  const policies = describeListeners(settings);
  return listeners.all.map((listener, index) => {
    const { failure, willRetry, addresses, options } = listener;
    const isOpen = addresses.length > 0;
    return {
      name: options.name,
      endpoint: listener.endpoint,
      addresses: addresses.map((address) => options.path ?? formatAddress(address)),
      policy: policies[index] ?? "",
      state: willRetry ? "retrying" : isOpen ? "open" : "closed",
      problem: failure === undefined ? null : listenFailure(failure),
      connections: connections.get(listener) ?? 0,
      maximumConnections: limitOf(options.maxConnections),
    };
  });
}

function totalsOf({ broker: { statistics } }: Server): StatusItem["totals"] {
  return {
    messagesReceived: statistics.messagesReceived,
    messagesSent: statistics.messagesSent,
    publishReceived: statistics.publishReceived,
    publishSent: statistics.publishSent,
    bytesReceived: statistics.bytesReceived,
    bytesSent: statistics.bytesSent,
    connectionsAccepted: statistics.socketsAccepted,
    connectionsRefused: statistics.socketsRefused,
    loginsFailed: statistics.loginsFailed,
    publishRefused: statistics.publishRefused,
    subscriptionsRefused: statistics.subscriptionsRefused,
  };
}

function droppedOf({ broker: { statistics } }: Server): StatusItem["dropped"] {
  return {
    queueFull: statistics.droppedQueueFull,
    slowReader: statistics.droppedSlowReader,
    packetTooLarge: statistics.droppedPacketTooLarge,
    expired: statistics.droppedExpired,
    sessionEnded: statistics.droppedSessionEnded,
    notAuthorized: statistics.droppedNotAuthorized,
  };
}

function memoryOf({ broker, limits }: Server): StatusItem["memory"] {
  const { rss, heapUsed, heapTotal, external } = Deno.memoryUsage();
  const { statistics } = broker;
  return {
    residentBytes: rss,
    heapUsedBytes: heapUsed,
    heapTotalBytes: heapTotal,
    externalBytes: external,
    output: fill(statistics.bufferedBytes, limits.maximumBufferedBytes),
    input: fill(statistics.inputBytes, limits.maximumBufferedBytes),
    queues: fill(statistics.queuedBytes, broker.limits.maximumTotalQueuedBytes),
    retained: fill(broker.retained.bytes, broker.limits.maximumRetainedBytes),
    subscriptions: fill(broker.router.tree.bytes, broker.limits.maximumSubscriptionBytes),
  };
}

function storeItem(store: StoreStatus): StoreItem {
  const { lastCommitAtMs, problem } = store;
  return {
    path: store.path,
    durability: store.durability,
    fileBytes: store.fileBytes,
    bytesWritten: store.bytesWritten,
    bytesWrittenToday: store.bytesWrittenToday,
    commits: store.commits,
    lastCommitAt: lastCommitAtMs === undefined ? null : new Date(lastCommitAtMs).toISOString(),
    pendingChanges: store.pendingChanges,
    isWritable: store.isWritable,
    problem: problem ?? null,
  };
}

function bansOf({ login }: Server, clock: WallClock): StatusItem["bans"] {
  const addresses = [...login.failures.bans().take(MOST_BANS)].map((ban) => ({
    address: ban.address,
    until: clock.iso(ban.untilMs) ?? "",
    refusedConnections: ban.refusedConnections,
  }));
  return { count: login.failures.bannedCount, addresses };
}

function fill(bytes: number, maximumBytes: number): Fill {
  return { bytes, maximumBytes: limitOf(maximumBytes) };
}

function limitOf(limit: number): number | null {
  return limit === Infinity ? null : limit;
}
