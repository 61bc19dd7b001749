/**
 * From settings to the limits of the core and of the connections.
 *
 * Owns which setting becomes which limit; the words of broker.yaml end here.
 */

import type { BrokerLimits } from "../broker/limits.ts";
import type { Settings } from "../config/settings.ts";
import type { QoS } from "../protocol/packet.ts";
import type { ServerLimits } from "./server.ts";

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

/** What connections may use, from the settings. */
export function serverLimits({ limits }: Settings): ServerLimits {
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
