/**
 * The least that a Deno program can do for a PUBLISH: it writes the bytes that it has read to the other
 * connection. It knows as much of MQTT as one publisher and one subscriber of mqttload.c need.
 *
 * Shows what of a measurement is the runtime's (floor.ts). Prints its port when it listens.
 */

/** First bytes of packets, without flags. */
const CONNECT = 0x10;
const PUBLISH = 0x30;
const PUBACK = 0x40;
const SUBSCRIBE = 0x80;

const CONNACK = Uint8Array.of(0x20, 2, 0, 0);
const SUBACK = 0x90;
const BUFFER_BYTES = 4096;

let publisher: Deno.Conn | undefined;
let subscriber: Deno.Conn | undefined;

/** What came with one read is one packet: the load is slow, and each side waits for its answer. */
async function relay(bytes: Uint8Array, from: Deno.Conn): Promise<void> {
  switch ((bytes[0] ?? 0) & 0xf0) {
    case CONNECT:
      publisher = from;
      await from.write(CONNACK);
      break;
    case SUBSCRIBE: {
      const [, , high = 0, low = 0] = bytes;
      const [maximumQoS = 0] = bytes.subarray(-1);
      subscriber = from;
      await from.write(Uint8Array.of(SUBACK, 3, high, low, maximumQoS));
      break;
    }
    case PUBLISH:
      publisher = from;
      await subscriber?.write(bytes);
      break;
    case PUBACK:
      await publisher?.write(bytes);
  }
}

async function serve(conn: Deno.TcpConn): Promise<void> {
  conn.setNoDelay(true);
  const buffer = new Uint8Array(BUFFER_BYTES);
  try {
    for (;;) {
      const count = await conn.read(buffer);
      if (count === null) break;
      await relay(buffer.subarray(0, count), conn);
    }
    conn.close();
  } catch (error) {
    // Its client has gone.
    if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
  }
}

const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
console.log(listener.addr.port);
for await (const conn of listener) void serve(conn);
