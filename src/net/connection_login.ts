/**
 * From CONNECT to a connected client: what a connection does with its login.
 *
 * Owns the link, the session and the way in of the packets that follow; who the client is gets
 * decided in `login.ts`. Invariant: there is a session exactly when the broker has answered CONNECT
 * with success.
 */

import { serverKeepAlive } from "../broker/handle_connect.ts";
import type { Session } from "../broker/session.ts";
import { decodePacket, encodePacket } from "../protocol/codec.ts";
import type { Framer } from "../protocol/framer.ts";
import { type AuthPacket, type ConnectPacket, PacketType, type QoS } from "../protocol/packet.ts";
import { malformed, ProtocolError, ReasonCode } from "../protocol/reason_code.ts";
import { ClientLink } from "./client_link.ts";
import type { ConnectionHost } from "./connection_host.ts";
import { Inbound } from "./inbound.ts";
import { Login, type LoginAccepted, type LoginOutcome } from "./login.ts";
import type { ConnectionOrigin } from "./origin.ts";
import type { Output } from "./output.ts";
import type { Pause } from "./pause.ts";
import { announcedVersion, refusal } from "./refusal.ts";

/** The connection, as far as its login uses it. */
export interface LoginOwner {
  readonly origin: ConnectionOrigin;
  readonly remoteAddress: string;
  readonly output: Output;
  readonly pause: Pause;
  readonly isClosing: boolean;
  fail(error: unknown): void;
  close(reasonCode: ReasonCode, reasonString: string): void;
  startClosing(reason: string): void;
  slowDown(milliseconds: number): void;
  /** From now on packets go to `inbound`; none may have more bytes. */
  connected(inbound: Inbound, maximumPacketSize: number): void;
}

export class ConnectionLogin {
  readonly #host: ConnectionHost;
  readonly #owner: LoginOwner;
  /** From CONNECT to the end of the login; for longer where the client may re-authenticate. */
  #login: Login | undefined;
  #link: ClientLink | undefined;
  #session: Session | undefined;
  /** Seconds; 0: none. */
  keepAlive = 0;
  /** When what the client has proven is over. */
  validUntilMs = Infinity;

  constructor(host: ConnectionHost, owner: LoginOwner) {
    this.#host = host;
    this.#owner = owner;
  }

  /** CONNECT has come. */
  get hasBegun(): boolean {
    return this.#link !== undefined;
  }

  get link(): ClientLink | undefined {
    return this.#link;
  }

  get session(): Session | undefined {
    return this.#session;
  }

  /** Acts on a packet of a client that is not connected yet. Throws `ProtocolError`. */
  receive(framer: Framer, bytes: Uint8Array): void {
    if (this.#login === undefined) this.#receiveConnect(framer, bytes);
    else this.#receiveDuringLogin(this.#login, framer, bytes);
  }

  #receiveConnect({ header, bodyStart, bodyEnd, shortestForm }: Framer, bytes: Uint8Array): void {
    const packet = decodePacket(header, bytes, bodyStart, bodyEnd, 5) as ConnectPacket;
    const { broker, limits, events, login } = this.#host;
    const { remoteAddress, origin, output } = this.#owner;
    events.packetReceived?.(packet.clientIdentifier, packet, packet.protocolVersion);
    if (packet.protocolVersion === 5 && !shortestForm) {
      throw malformed("Cannot decode Remaining Length: not in shortest form");
    }
    this.#link = new ClientLink(
      packet,
      remoteAddress,
      output,
      broker.statistics,
      limits,
      (reasonCode, reasonString) => this.#owner.close(reasonCode, reasonString),
    );
    const isConnected = (clientIdentifier: string) =>
      broker.sessions.get(clientIdentifier)?.link !== undefined;
    this.#login = new Login(login, { packet, origin, remoteAddress, isConnected });
    this.#await(this.#login.start());
  }

  /** Until CONNACK, a client may send AUTH and DISCONNECT only [MQTT-3.1.2-30]. */
  #receiveDuringLogin(login: Login, framer: Framer, bytes: Uint8Array): void {
    const { header, bodyStart, bodyEnd } = framer;
    const version = this.#link?.protocolVersion ?? 5;
    const type = header >> 4;
    if (type === PacketType.Disconnect) return this.#owner.startClosing("it gave up its login");
    if (type !== PacketType.Auth) {
      throw new ProtocolError(
        ReasonCode.ProtocolError,
        "Cannot accept this packet before CONNACK: an authentication is going on",
      );
    }
    const packet = decodePacket(header, bytes, bodyStart, bodyEnd, version) as AuthPacket;
    this.#host.events.packetReceived?.(this.#owner.remoteAddress, packet, version);
    this.#await(login.receive(packet));
  }

  /** AUTH of a client that is connected: re-authentication [MQTT-4.12.1-1]. */
  authReceived(packet: AuthPacket): void {
    if (this.#login !== undefined) this.#await(this.#login.receive(packet));
    else if (this.#session !== undefined) this.#host.broker.receive(this.#session, packet);
  }

  slowDown(milliseconds: number): void {
    this.#owner.slowDown(milliseconds);
  }

  /** The connection is closing: nobody waits for an outcome any more. */
  abandon(): void {
    this.#login?.abandon();
  }

  // What comes of it.

  /** Goes on when the outcome is there; until then nothing that came in is handled. */
  #await(outcome: LoginOutcome | Promise<LoginOutcome>): void {
    if (!(outcome instanceof Promise)) return this.#finish(outcome);
    const { pause } = this.#owner;
    pause.begin();
    outcome.then((value) => {
      if (!this.#owner.isClosing) this.#finish(value);
    }).catch((error) => this.#owner.fail(error)).finally(() => {
      pause.end();
      this.#host.flushSoon();
    });
  }

  #finish(outcome: LoginOutcome): void {
    switch (outcome.kind) {
      case "accepted":
        this.validUntilMs = outcome.validUntilMs;
        if (this.#session === undefined) return this.#connect(outcome);
        return this.#sendAuth(ReasonCode.Success, outcome.properties);
      case "challenge":
        return this.#sendAuth(ReasonCode.ContinueAuthentication, outcome.properties); // [MQTT-4.12.0-2]
      case "refused": {
        const { reasonCode, reasonString } = outcome;
        if (this.#session !== undefined) return this.#endSession(reasonCode, reasonString);
        this.refuse(reasonCode, reasonString); // [MQTT-4.12.0-4]
        return this.#owner.startClosing("its login was refused");
      }
    }
  }

  /** A re-authentication has failed [MQTT-4.12.1-2]. */
  #endSession(reasonCode: ReasonCode, reasonString: string): void {
    // DISCONNECT has no Reason Code for a bad password (section 3.14.2.1).
    if (reasonCode !== ReasonCode.BadUserNameOrPassword) {
      this.#owner.close(reasonCode, reasonString);
    } else this.#owner.close(ReasonCode.NotAuthorized, "Not authorized");
  }

  #sendAuth(reasonCode: ReasonCode, properties: AuthPacket["properties"]): void {
    this.#link?.send({ type: PacketType.Auth, reasonCode, properties });
  }

  /** The client is in: the broker answers its CONNECT. */
  #connect({ packet, identity, properties, unprovenUsername }: LoginAccepted): void {
    const link = this.#link;
    if (link === undefined) return;
    const { broker, events, login } = this.#host;
    const { origin, remoteAddress } = this.#owner;
    const { maxPacketSizeBytes = Infinity, maxQos = 2 } = origin.listener;
    const maximumPacketSize = Math.min(broker.limits.maximumPacketSize, maxPacketSizeBytes);
    const mountPoint = login.mountPointOf(origin);
    link.accept({ mountPoint, unprovenUsername, connack: { ...properties, maximumPacketSize } });
    const oldAddress = broker.sessions.get(packet.clientIdentifier)?.link?.remoteAddress;
    this.#session = broker.connect(link, packet, identity, { maximumQoS: maxQos as QoS });
    if (oldAddress !== undefined) {
      login.tookOver(packet.clientIdentifier, oldAddress, remoteAddress);
    }
    const rate = login.messageRateFor(origin.address);
    const inbound = new Inbound(this.#session, { broker, events, mountPoint, rate }, this);
    this.keepAlive = serverKeepAlive(broker.limits, packet.keepAlive);
    this.#owner.connected(inbound, maximumPacketSize);
    if (this.#login?.isEnhanced !== true) this.#login = undefined;
  }

  /**
   * CONNACK with a refusal, to a client that has sent a CONNECT: `bytes` is where it lies when it was
   * not understood. Others get nothing.
   */
  refuse(reasonCode: ReasonCode, reasonString: string, framer?: Framer, bytes?: Uint8Array): void {
    // The link knows what the client can take; there is none when CONNECT was not understood.
    if (this.#link !== undefined) {
      const connack = refusal(this.#link.protocolVersion, reasonCode, reasonString);
      if (connack !== undefined) this.#link.send(connack);
      return;
    }
    if (framer === undefined || bytes === undefined) return;
    if (framer.header >> 4 !== PacketType.Connect || framer.bodyEnd === 0) return;
    const version = announcedVersion(bytes, framer.bodyStart);
    const connack = refusal(version, reasonCode, reasonString);
    if (connack !== undefined) encodePacket(this.#owner.output.writer(), connack, version);
  }

  /** Finds the session that a CONNECT was given before a mistake of ours ended it half-way. */
  findSession(): void {
    if (this.#link === undefined || this.#session !== undefined) return;
    for (const session of this.#host.broker.sessions.values()) {
      if (session.link === this.#link) this.#session = session;
    }
  }
}
