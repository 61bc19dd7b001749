/**
 * An MQTT client on this project's own codec: MQTT 3.1, 3.1.1 and 5, over any transport.
 *
 * Owns a session over any number of connections, one at a time. Opening transports, waiting and
 * connecting again are for whoever uses it. Invariant: a QoS 1 or 2 message that was given to `publish`
 * is sent until the server has acknowledged it, whatever happens to connections.
 */

import type {
  ConnackPacket,
  Packet,
  Properties,
  SubackPacket,
  SubscriptionRequest,
  UnsubackPacket,
} from "../protocol/packet.ts";
import { NO_PROPERTIES } from "../protocol/property.ts";
import { ReasonCode } from "../protocol/reason_code.ts";
import type { Transport } from "../transport/transport.ts";
import { type ClientClock, SYSTEM_CLOCK } from "./client_clock.ts";
import type {
  ClientEvents,
  ClientOptions,
  Ending,
  OutgoingMessage,
  PublishResult,
} from "./client_types.ts";
import { ClientConnection, type ConnectionOwner } from "./connection.ts";
import { ServerLimits } from "./server_limits.ts";
import { SessionState } from "./session_state.ts";

export type { ClientEvents, ClientOptions, Ending, OutgoingMessage, PublishResult };

/** More output than this waits for the network before `ready` lets more come. */
const HIGH_WATER_BYTES = 256 * 1024;

/** What became of every message with QoS 0. */
const SENT: PublishResult = Object.freeze({
  reasonCode: ReasonCode.Success,
  properties: NO_PROPERTIES,
  packetIdentifier: 0,
});

export class Client implements ConnectionOwner {
  readonly #events: ClientEvents;
  readonly #clock: ClientClock;
  readonly #session: SessionState;
  #options: ClientOptions;
  #connection: ClientConnection | undefined;
  #ended = Promise.withResolvers<Ending>();
  #hasConnected = false;
  #serverProperties: Properties = NO_PROPERTIES;
  /** The last promise for QoS 0, and what it follows from. */
  #sent: Promise<PublishResult> | undefined;
  #handedOver: Promise<void> | undefined;
  #waiting: PromiseWithResolvers<void> | undefined;

  constructor(options: ClientOptions, events: ClientEvents, clock: ClientClock = SYSTEM_CLOCK) {
    this.#options = options;
    this.#events = events;
    this.#clock = clock;
    this.#session = new SessionState((packet) => events.message(packet));
  }

  /** Of CONNACK; none before MQTT 5. */
  get serverProperties(): Properties {
    return this.#serverProperties;
  }

  /** QoS 1 and 2 messages that the server has not acknowledged. */
  get unacknowledged(): number {
    return this.#session.unacknowledged;
  }

  /** How the current connection ends, or the last one ended, or the first one will. Never rejects. */
  get ended(): Promise<Ending> {
    return this.#ended.promise;
  }

  /**
   * Does CONNECT on an open transport, and owns that from now on. Resolves with CONNACK, also when that
   * is a refusal; rejects with a `ConnectError` when none comes. May be called again after the
   * connection ended: messages that were not acknowledged are sent again, as the same ones if the server
   * still has the session, else as new ones. Later options are those of the next calls as well.
   */
  async connect(
    transport: Transport,
    options: ClientOptions = this.#options,
  ): Promise<ConnackPacket> {
    if (this.#connection !== undefined) {
      throw new Error("Cannot connect: there is a connection already");
    }
    this.#options = options;
    if (this.#hasConnected) this.#ended = Promise.withResolvers();
    this.#hasConnected = true;
    const connection = new ClientConnection(transport, options, this, this.#events, this.#clock);
    this.#connection = connection;
    void connection.ended.then((ending) => {
      this.#connection = undefined;
      this.#ended.resolve(ending);
    });
    let isAccepted = false;
    try {
      const connack = await connection.connect();
      isAccepted = connack.reasonCode === ReasonCode.Success;
      return connack;
    } finally {
      // Whoever is told of the failure may connect again at once.
      if (!isAccepted) await connection.ended;
    }
  }

  accepted(connack: ConnackPacket, connection: ClientConnection): void {
    const { properties, sessionPresent } = connack;
    this.#serverProperties = properties;
    this.#keepIdentifier(properties.assignedClientIdentifier);
    const limits = new ServerLimits(properties);
    const { protocolVersion, maximumInflight } = this.#options;
    this.#session.begin({
      sender: connection.output,
      protocolVersion,
      limits,
      sessionPresent,
      maximumInflight: Math.min(maximumInflight || Infinity, limits.receiveMaximum),
      ownProperties: protocolVersion === 5 ? this.#options.properties : NO_PROPERTIES,
    });
  }

  /** The session is found again by the identifier that the server gave. */
  #keepIdentifier(clientIdentifier: string | undefined): void {
    if (clientIdentifier === undefined || this.#options.clientIdentifier !== "") return;
    this.#options = { ...this.#options, clientIdentifier };
  }

  receive(packet: Packet): void {
    this.#session.receive(packet);
  }

  progressed(): void {
    if (this.#waiting === undefined || !this.#isReady) return;
    this.#waiting.resolve();
    this.#waiting = undefined;
  }

  lost(): void {
    this.#session.end();
  }

  /**
   * QoS 0: resolves when the network took it, rejects when there is no connection. QoS 1 and 2: resolves
   * when the server has acknowledged it, over as many connections as that takes; the Reason Code may say
   * that it refused the message. Rejects with a `SendError` for what the server is known not to take.
   */
  publish(message: OutgoingMessage): Promise<PublishResult> {
    try {
      if (message.qos > 0) return this.#session.publish(message);
      this.#session.publishAtMostOnce(message);
      return this.#whenSent();
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** One promise serves all messages that are written together. */
  #whenSent(): Promise<PublishResult> {
    const handedOver = (this.#connection as ClientConnection).output.handedOver();
    if (this.#sent === undefined || this.#handedOver !== handedOver) {
      this.#handedOver = handedOver;
      this.#sent = handedOver.then(() => SENT);
      this.#sent.catch(() => {});
    }
    return this.#sent;
  }

  /** Rejects with a `SendError`, also when the connection ends before the answer: it is not sent again. */
  async subscribe(
    subscriptions: readonly SubscriptionRequest[],
    properties: Properties,
  ): Promise<SubackPacket> {
    return await this.#session.subscribe(subscriptions, properties);
  }

  /** As `subscribe`. */
  async unsubscribe(
    topicFilters: readonly string[],
    properties: Properties,
  ): Promise<UnsubackPacket> {
    return await this.#session.unsubscribe(topicFilters, properties);
  }

  get #isReady(): boolean {
    const buffered = this.#connection?.output.bufferedBytes ?? 0;
    return this.#session.isReady && buffered < HIGH_WATER_BYTES;
  }

  /**
   * Resolves as soon as another message would not pile up here: there is a connection, the network takes
   * what is sent, and QoS 1 and 2 need not wait for acknowledgements. Goes on waiting while there is no
   * connection.
   */
  ready(): Promise<void> {
    if (this.#isReady) return READY;
    this.#waiting ??= Promise.withResolvers();
    return this.#waiting.promise;
  }

  /**
   * Sends DISCONNECT after everything that was published, and closes the connection; nothing happens
   * without one. Messages that are not acknowledged stay for the next `connect`.
   */
  async disconnect(
    reasonCode: ReasonCode = ReasonCode.Success,
    properties: Properties = NO_PROPERTIES,
  ): Promise<void> {
    await this.#connection?.disconnect(reasonCode, properties);
  }

  /** Reads nothing more from the server until `resume`; Keep Alive goes on. */
  pause(): void {
    this.#connection?.pause();
  }

  resume(): void {
    this.#connection?.resume();
  }

  /** Ends the connection at once and without DISCONNECT: the server publishes the Will. */
  close(): void {
    this.#connection?.close();
  }
}

const READY = Promise.resolve();
