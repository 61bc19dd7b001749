import assert from "node:assert/strict";
import { PacketInput } from "../../src/load/packet_input.ts";

/** A stream that gives so many bytes at a time. */
function streamOf(bytes: Uint8Array, step: number) {
  let at = 0;
  return {
    read(buffer: Uint8Array): Promise<number | null> {
      if (at === bytes.length) return Promise.resolve(null);
      const part = bytes.subarray(at, Math.min(at + step, at + buffer.length));
      buffer.set(part);
      at += part.length;
      return Promise.resolve(part.length);
    },
  };
}

/** The bodies of all packets, in words. */
async function readAll(input: PacketInput): Promise<string[]> {
  const found: string[] = [];
  do {
    while (input.next()) {
      const body = input.bytes.slice(input.bodyStart, input.bodyEnd);
      const first = body.length === 0 ? -1 : input.view.getUint8(input.bodyStart);
      assert.ok(body.every((byte) => byte === first));
      found.push(`${input.header}: ${body.length} x ${first}`);
    }
  } while (await input.fill());
  return found;
}

/** A packet whose body is so many times the byte. */
function packet(header: number, length: number, byte: number): number[] {
  const lengthBytes: number[] = [];
  let rest = length;
  for (; rest >= 0x80; rest >>>= 7) lengthBytes.push(rest & 0x7f | 0x80);
  return [header, ...lengthBytes, rest, ...new Array<number>(length).fill(byte)];
}

Deno.test("the packets are the same however the stream is cut", async () => {
  const lengths = [0, 1, 127, 128, 300, 5000, 2, 0, 70_000, 9];
  const stream = Uint8Array.from(
    lengths.flatMap((length, index) => packet(0x30, length, index + 1)),
  );
  const expected = lengths.map((length, index) =>
    `48: ${length} x ${length === 0 ? -1 : index + 1}`
  );
  for (const step of [1, 2, 7, 255, 256, 257, 4096, 1e6]) {
    assert.deepEqual(await readAll(new PacketInput(streamOf(stream, step))), expected);
  }
});

Deno.test("a packet that is larger than the largest buffer is read", async () => {
  const stream = Uint8Array.from([...packet(0x30, 600_000, 1), ...packet(0xd0, 0, 0)]);
  const found = await readAll(new PacketInput(streamOf(stream, 1e6)));
  assert.deepEqual(found, ["48: 600000 x 1", "208: 0 x -1"]);
});

Deno.test("a client that hardly receives anything has a small buffer", async () => {
  const input = new PacketInput(streamOf(Uint8Array.from(packet(0x20, 3, 0)), 1e6));
  await readAll(input);
  assert.equal(input.bytes.length, 256);
});
