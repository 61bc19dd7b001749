/**
 * How much of a measured latency is this program's own.
 *
 * Owns two sockets of this process, one sending to the other at a fixed rate, as a load does: the time
 * from when a message is due to its arrival is no broker's. Two writes may go at the same time: what is
 * in them does not matter.
 */

import { writeAll } from "../transport/transport.ts";
import { nowUs } from "./clock.ts";
import { Histogram } from "./histogram.ts";
import { Pacer } from "./pacer.ts";

/** Bytes of a message, messages a second, milliseconds. */
const SIZE = 64;
const RATE = 1000;
const LASTING_MS = 200;

/** The median in microseconds; undefined where no sockets can be had, or nothing came. */
export async function measureOwnDelay(signal: AbortSignal): Promise<number | undefined> {
  try {
    const [writer, reader] = await connectedPair();
    const delays = new Histogram();
    const originUs = nowUs();
    const reading = readTimes(reader, originUs, delays);
    const publisher = {
      release(count: number): void {
        void writeAll(writer, new Uint8Array(SIZE * count)).catch(() => {});
      },
    };
    const pacer = new Pacer({ rate: RATE, publishers: 1, own: [{ index: 0, publisher }] });
    await pacer.run(originUs, LASTING_MS * 1000, Infinity, signal);
    writer.close();
    await reading;
    return delays.count === 0 ? undefined : delays.quantile(0.5);
  } catch {
    return undefined;
  }
}

async function connectedPair(): Promise<[Deno.TcpConn, Deno.TcpConn]> {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { hostname, port } = listener.addr;
  const [writer, reader] = await Promise.all([
    Deno.connect({ hostname, port }),
    listener.accept(),
  ]);
  writer.setNoDelay(true);
  return [writer, reader];
}

/** Takes the time from when each message was due to its arrival, until the end of the stream. */
async function readTimes(
  reader: Deno.TcpConn,
  originUs: number,
  delays: Histogram,
): Promise<void> {
  const buffer = new Uint8Array(SIZE * RATE);
  let bytes = 0;
  let messages = 0;
  for (;;) {
    const count = await reader.read(buffer);
    if (count === null) break;
    const now = nowUs() - originUs;
    bytes += count;
    for (; (messages + 1) * SIZE <= bytes; messages++) delays.record(now - messages * 1e6 / RATE);
  }
  reader.close();
}
