/**
 * A server that accepts every client and answers with what the test says, no more.
 *
 * Owns its connections; what clients send, beside CONNECT and DISCONNECT, waits to be taken.
 */

import { type Packet, PacketType } from "../../src/protocol/packet.ts";
import { encodePacket } from "../../src/protocol/codec.ts";
import { PacketStream } from "../../src/protocol/stream_decoder.ts";
import { Writer } from "../../src/protocol/writer.ts";

export interface ScriptedServer extends AsyncDisposable {
  readonly hostname: string;
  readonly port: number;
  /** The next packets of clients, once so many have come. */
  take(count: number): Promise<Packet[]>;
  /** To the client that connected last. */
  send(packet: Packet | undefined): void;
  /** Lets everything else go on. */
  turn(): Promise<void>;
}

export function startScriptedServer(): ScriptedServer {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const inbox: Packet[] = [];
  let last: Deno.TcpConn | undefined;
  const write = (conn: Deno.TcpConn | undefined, packet: Packet): void => {
    const writer = new Writer();
    encodePacket(writer, packet, 5);
    conn?.write(writer.written()).catch(() => {});
  };
  const turn = () => new Promise<void>((resolve) => setTimeout(resolve, 1));
  const serving = accept(listener, async (conn) => {
    last = conn;
    await readPackets(conn, (packet) => {
      if (packet.type === PacketType.Disconnect) return;
      if (packet.type !== PacketType.Connect) return void inbox.push(packet);
      const { Connack: type } = PacketType;
      write(conn, { type, sessionPresent: false, reasonCode: 0, properties: {} });
    });
  });
  return {
    hostname: "127.0.0.1",
    port: listener.addr.port,
    turn,
    async take(count) {
      while (inbox.length < count) await turn();
      return inbox.splice(0, count);
    },
    send: (packet) => packet && write(last, packet),
    async [Symbol.asyncDispose]() {
      listener.close();
      await serving;
    },
  };
}

async function accept(
  listener: Deno.TcpListener,
  serve: (conn: Deno.TcpConn) => Promise<void>,
): Promise<void> {
  const served: Promise<void>[] = [];
  for await (const conn of listener) served.push(serve(conn));
  await Promise.all(served);
}

async function readPackets(conn: Deno.TcpConn, take: (packet: Packet) => void): Promise<void> {
  const stream = new PacketStream();
  const buffer = new Uint8Array(65_536);
  for (;;) {
    const count = await conn.read(buffer).catch(() => null);
    if (count === null) break;
    stream.push(buffer.subarray(0, count)).forEach(take);
  }
  conn.close();
}
