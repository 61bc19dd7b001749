/**
 * Clients and sessions as items of an answer.
 *
 * Owns which field is what; reads the broker and changes nothing. Times of the broker's clock become
 * those of the wall's clock of the moment when the request came.
 */

import { deliveryState, type Outgoing } from "../../broker/outgoing.ts";
import type { Session } from "../../broker/session.ts";
import type { Subscription } from "../../broker/subscription.ts";
import type {
  ClientItem,
  SessionItem,
  SubscriptionItem,
  WaitingItem,
} from "../../control/items.ts";
import { VERSION_NAMES } from "../../protocol/describe.ts";
import { ClientLink } from "../client_link.ts";
import type { Connection } from "../connection.ts";
import type { WallClock } from "./wall_clock.ts";

/** Waiting messages of one session that are shown. */
const MOST_MESSAGES = 100;

/** `connection`: that of a client that is connected. */
export function clientItem(
  session: Session,
  connection: Connection | undefined,
  clock: WallClock,
): ClientItem {
  const { identity, link, expiryIntervalMs, expiresAtMs, connectedAtMs } = session;
  const isConnected = link !== undefined;
  const address = link?.remoteAddress ?? identity.address;
  return {
    clientIdentifier: session.clientIdentifier,
    username: session.username ?? null,
    unprovenUsername: link instanceof ClientLink ? link.unprovenUsername ?? null : null,
    connected: isConnected,
    address: address === "" ? null : address,
    listener: identity.listener === "" ? null : identity.listener,
    protocolVersion: VERSION_NAMES[session.protocolVersion],
    bridge: session.bridge,
    // Of a session that was stored, nothing tells when its client came.
    connectedAt: connectedAtMs === 0 ? null : clock.iso(connectedAtMs),
    disconnectedAt: isConnected ? null : clock.iso(session.disconnectedAtMs ?? Infinity),
    keepAlive: connection?.keepAlive ?? null,
    sessionExpiryInterval: expiryIntervalMs === Infinity ? null : expiryIntervalMs / 1000,
    expiresAt: isConnected ? null : clock.iso(expiresAtMs),
    subscriptionCount: session.subscriptionCount,
    queued: session.queuedCount,
    queuedBytes: session.queuedBytes,
    inFlight: session.inflightCount,
    bufferedBytes: connection?.output.bufferedBytes ?? 0,
    bytesReceived: connection?.bytesReceived ?? null,
    bytesSent: connection?.output.bytesSent ?? null,
  };
}

/** What is shown of one session besides its subscriptions. */
export function sessionDetail(
  session: Session,
): Required<Pick<SessionItem, "will" | "groups" | "inboundPacketIdentifiers" | "messages">> {
  const { will } = session;
  return {
    will: will === undefined ? null : {
      topicName: will.topicName,
      qos: will.qos,
      retain: will.retain,
      payloadBytes: will.payload.length,
      willDelayInterval: will.delayMs / 1000,
    },
    groups: session.identity.groups,
    inboundPacketIdentifiers: session.inbound.count,
    messages: [...session.outgoing().take(MOST_MESSAGES)].map(waitingItem),
  };
}

export function subscriptionItem(subscription: Subscription): SubscriptionItem {
  return {
    topicFilter: subscription.topicFilter,
    qos: subscription.qos,
    noLocal: subscription.noLocal,
    retainAsPublished: subscription.retainAsPublished,
    subscriptionIdentifier: subscription.identifier === 0 ? null : subscription.identifier,
  };
}

function waitingItem(outgoing: Outgoing): WaitingItem {
  const { message, qos } = outgoing;
  return {
    topicName: message.topic.name,
    qos,
    payloadBytes: message.payloadLength,
    state: deliveryState(outgoing),
  };
}
