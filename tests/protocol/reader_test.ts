import assert from "node:assert/strict";
import { decodeUtf8, Reader } from "../../src/protocol/reader.ts";
import { assertProtocolError, bytesOf } from "./vector.ts";

function reader(hex: string): Reader {
  return new Reader(bytesOf(hex));
}

Deno.test("Reader reads integers with the most significant byte first (section 1.5.2)", () => {
  const bytes = reader("fe 1234 fedcba98");
  assert.equal(bytes.byte("a"), 0xfe);
  assert.equal(bytes.twoByteInteger("b"), 0x1234);
  assert.equal(bytes.fourByteInteger("c"), 0xfedcba98);
  assert.equal(bytes.remaining, 0);
});

Deno.test("Reader reads no byte past its end, though the buffer goes on", () => {
  const buffer = bytesOf("0102030405060708");
  const cases: [(reader: Reader) => unknown, string][] = [
    [(bytes) => bytes.twoByteInteger("Keep Alive"), "Keep Alive: 2 bytes announced, 1 remain"],
    [(bytes) => bytes.fourByteInteger("X"), "X: 2 bytes announced, 1 remain"],
    [(bytes) => bytes.rawBytes(2, "Payload"), "Payload: 2 bytes announced, 1 remain"],
  ];
  for (const [read, message] of cases) {
    const bytes = new Reader(buffer, 2, message.startsWith("X") ? 5 : 3);
    assert.equal(assertProtocolError(() => read(bytes), 0x81), `Cannot decode ${message}`);
  }
  const empty = new Reader(buffer, 3, 3);
  assert.equal(
    assertProtocolError(() => empty.byte("Flags"), 0x81),
    "Cannot decode Flags: 1 byte announced, 0 remain",
  );
});

Deno.test("Reader reads Variable Byte Integers of one to four bytes (table 1-1)", () => {
  const cases: [string, number][] = [
    ["00", 0],
    ["7f", 127],
    ["8001", 128],
    ["ff7f", 16_383],
    ["808001", 16_384],
    ["ffff7f", 2_097_151],
    ["80808001", 2_097_152],
    ["ffffff7f", 268_435_455],
  ];
  for (const [hex, value] of cases) {
    const bytes = reader(hex);
    assert.equal(bytes.variableByteInteger("Length"), value, hex);
    assert.equal(bytes.remaining, 0, hex);
  }
});

Deno.test("Reader rejects Variable Byte Integers not in shortest form [MQTT-1.5.5-1]", () => {
  for (const hex of ["8000", "ff00", "808000", "80808000", "ffffff00"]) {
    const message = assertProtocolError(() => reader(hex).variableByteInteger("Length"), 0x81);
    assert.match(message, /not in shortest form$/);
  }
});

Deno.test("Reader rejects Variable Byte Integers of five bytes and cut ones", () => {
  for (const hex of ["8080808001", "ffffffff7f", "ffffffff"]) {
    const message = assertProtocolError(() => reader(hex).variableByteInteger("Length"), 0x81);
    assert.match(message, /longer than 4 bytes$/);
  }
  assertProtocolError(() => reader("8080").variableByteInteger("Length"), 0x81);
});

Deno.test("Reader rejects ill-formed UTF-8 [MQTT-1.5.4-1]", () => {
  const illFormed = [
    ...["ff", "80", "c0", "c080", "c1bf", "e08080", "e09fbf", "f0808080", "f08fbfbf"],
    ...["eda080", "edbfbf", "eda080edb080", "f4908080", "f8888080", "e282", "c328", "61ff62"],
  ];
  for (const hex of illFormed) {
    const bytes = bytesOf(hex);
    const message = assertProtocolError(() => decodeUtf8(bytes, 0, bytes.length, "Topic"), 0x81);
    assert.equal(message, "Cannot decode Topic: not well-formed UTF-8");
  }
});

Deno.test("Reader rejects U+0000 wherever it stands [MQTT-1.5.4-2]", () => {
  for (const hex of ["0001 00", "0002 0061", "0003 610062", "0002 6100"]) {
    const message = assertProtocolError(() => reader(hex).utf8String("Topic Name"), 0x81);
    assert.equal(message, "Cannot decode Topic Name: contains U+0000");
  }
});

Deno.test("Reader keeps U+FEFF, first and later [MQTT-1.5.4-3]", () => {
  assert.equal(reader("0006 efbbbfefbbbf").utf8String("Topic Name"), "\ufeff\ufeff");
  assert.equal(reader("0004 61efbbbf").utf8String("Topic Name"), "a\ufeff");
});

Deno.test("Reader accepts every length of UTF-8 sequence and noncharacters", () => {
  assert.equal(reader("0002 c280").utf8String("x"), "\u0080");
  assert.equal(reader("0003 efbfbf").utf8String("x"), "\uffff");
  assert.equal(reader("0004 f48fbfbf").utf8String("x"), "\u{10ffff}");
  assert.equal(reader("0000").utf8String("x"), "");
});

Deno.test("Reader says how many bytes a string announced and how many remain", () => {
  const message = assertProtocolError(() => reader("000c 616263").utf8String("Topic Name"), 0x81);
  assert.equal(message, "Cannot decode Topic Name: 12 bytes announced, 3 remain");
});

Deno.test("Reader copies binary data", () => {
  const buffer = bytesOf("0002 aabb");
  const data = new Reader(buffer).binaryData("Password");
  buffer.fill(0);
  assert.deepEqual(data, Uint8Array.of(0xaa, 0xbb));
});

Deno.test("expectEnd() reports what is left", () => {
  const bytes = reader("000102");
  bytes.byte("x");
  assert.equal(
    assertProtocolError(() => bytes.expectEnd("PINGREQ"), 0x81),
    "Cannot decode PINGREQ: 2 bytes too many",
  );
  bytes.twoByteInteger("x");
  bytes.expectEnd("PINGREQ");
});
