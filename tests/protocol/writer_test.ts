import assert from "node:assert/strict";
import { Reader } from "../../src/protocol/reader.ts";
import { copyBytes, variableByteIntegerLength, Writer } from "../../src/protocol/writer.ts";
import { hexOf } from "./vector.ts";

function written(write: (writer: Writer) => void): string {
  const writer = new Writer(1);
  write(writer);
  return hexOf(writer.written());
}

/** MQTT 5 table 1-1: the borders of each length. */
const VARIABLE_BYTE_INTEGERS: [number, string][] = [
  [0, "00"],
  [127, "7f"],
  [128, "8001"],
  [16_383, "ff7f"],
  [16_384, "808001"],
  [2_097_151, "ffff7f"],
  [2_097_152, "80808001"],
  [268_435_455, "ffffff7f"],
];

Deno.test("Writer writes integers with the most significant byte first (section 1.5.2)", () => {
  assert.equal(written((writer) => writer.byte(0xfe)), "fe");
  assert.equal(written((writer) => writer.twoByteInteger(0x1234)), "1234");
  assert.equal(written((writer) => writer.fourByteInteger(0xfedcba98)), "fedcba98");
});

Deno.test("Writer writes Variable Byte Integers in their shortest form [MQTT-1.5.5-1]", () => {
  for (const [value, hex] of VARIABLE_BYTE_INTEGERS) {
    assert.equal(written((writer) => writer.variableByteInteger(value)), hex);
    assert.equal(variableByteIntegerLength(value), hex.length / 2);
  }
});

Deno.test("Writer writes strings as UTF-8 with their length in bytes", () => {
  assert.equal(written((writer) => writer.utf8String("")), "0000");
  assert.equal(written((writer) => writer.utf8String("A\u{2a6d4}")), "000541f0aa9b94");
  assert.equal(written((writer) => writer.utf8String("\ufeff")), "0003efbbbf");
});

Deno.test("Writer refuses strings and data over 65,535 bytes", () => {
  const writer = new Writer();
  assert.throws(() => writer.utf8String("a".repeat(65_536)), RangeError);
  assert.throws(() => writer.binaryData(new Uint8Array(65_536)), RangeError);
  writer.utf8String("a".repeat(65_535));
  assert.equal(writer.length, 65_537);
});

Deno.test("Writer grows without losing what is written", () => {
  const writer = new Writer(1);
  for (let value = 0; value < 1000; value++) writer.twoByteInteger(value);
  const reader = new Reader(writer.written());
  for (let value = 0; value < 1000; value++) assert.equal(reader.twoByteInteger("value"), value);
  assert.equal(reader.remaining, 0);
});

Deno.test("Writer takes its buffers where it is told, and gives back what it outgrows", () => {
  const given: Uint8Array[] = [];
  const back: Uint8Array[] = [];
  const take = (bytes: number) => {
    const buffer = new Uint8Array(bytes);
    given.push(buffer);
    return buffer;
  };
  const writer = new Writer(4, { take, giveBack: (buffer) => back.push(buffer) });
  writer.fourByteInteger(0x01020304);
  assert.deepEqual(back, []);
  writer.byte(5);
  assert.equal(given.length, 2);
  assert.equal(writer.bytes, given[1]);
  assert.deepEqual(back, [given[0]]);
  assert.equal(hexOf(writer.written()), "0102030405");
});

Deno.test("endLength() stores every length in its shortest form and keeps the part", () => {
  for (const count of [0, 1, 2, 127, 128, 129, 16_383, 16_384, 2_097_151, 2_097_152]) {
    const part = Uint8Array.from({ length: count }, (_, index) => index * 7);
    const writer = new Writer(1);
    writer.byte(0xee);
    const start = writer.beginLength();
    writer.rawBytes(part, 0, count);
    writer.endLength(start);
    writer.byte(0xdd);
    const reader = new Reader(writer.written());
    assert.equal(reader.byte("before"), 0xee);
    assert.equal(reader.variableByteInteger("length"), count);
    assert.ok(reader.rawBytes(count, "part").every((byte, index) => byte === part[index]));
    assert.equal(reader.byte("after"), 0xdd);
    assert.equal(reader.remaining, 0);
  }
});

Deno.test("endLength() keeps a part that fills the buffer to its last byte", () => {
  for (const count of [127, 128, 16_384]) {
    const writer = new Writer(count + 1);
    const start = writer.beginLength();
    writer.rawBytes(new Uint8Array(count).fill(0x5a), 0, count);
    writer.endLength(start);
    const reader = new Reader(writer.written());
    assert.equal(reader.variableByteInteger("length"), count);
    assert.ok(reader.rawBytes(count, "part").every((byte) => byte === 0x5a));
  }
});

Deno.test("endLength() measures nested parts", () => {
  const hex = written((writer) => {
    const outer = writer.beginLength();
    const inner = writer.beginLength();
    writer.rawBytes(new Uint8Array(130), 0, 130);
    writer.endLength(inner);
    writer.byte(0xff);
    writer.endLength(outer);
  });
  assert.equal(hex, "8501" + "8201" + "00".repeat(130) + "ff");
});

Deno.test("copyBytes() copies short and long ranges alike", () => {
  const source = Uint8Array.from({ length: 300 }, (_, index) => index);
  for (const count of [0, 1, 95, 96, 97, 200]) {
    const target = new Uint8Array(300);
    copyBytes(target, 5, source, 50, 50 + count);
    assert.deepEqual(target.subarray(5, 5 + count), source.subarray(50, 50 + count));
    assert.ok(target.subarray(0, 5).every((byte) => byte === 0));
    assert.ok(target.subarray(5 + count).every((byte) => byte === 0));
  }
});
