/** Values of mosquitto.conf, read as Mosquitto reads them. */

import assert from "node:assert/strict";
import { BOOLEAN, choice, integer, TEXT, WORDS } from "../../src/import/option_row.ts";
import { parseCNumber, readOptionValue } from "../../src/import/option_value.ts";

Deno.test("parseCNumber() reads decimal, hexadecimal and octal numbers as C does", () => {
  const numbers = ["12", "-1", "+5", "0", "0x0c", "014", "1.5", "12a", "", "0xg", "08"];
  assert.deepEqual(numbers.map(parseCNumber), [12, -1, 5, 0, 12, 12, NaN, NaN, NaN, NaN, NaN]);
});

Deno.test("readOptionValue() looks at the first word of a flag and of a number alone", () => {
  const flag = readOptionValue(BOOLEAN, "  1  # on");
  assert.ok(flag.ok);
  assert.deepEqual([flag.reading.flag, flag.reading.text], [true, "1"]);
  const number = readOptionValue(integer(0, 9), " 7 of them");
  assert.ok(number.ok);
  assert.deepEqual([number.reading.number, number.reading.text], [7, "7"]);
});

Deno.test("readOptionValue() takes a text to the end of the line, and words up to a comment", () => {
  const text = readOptionValue(TEXT, "  a b # c \t");
  assert.ok(text.ok);
  assert.equal(text.reading.text, "a b # c");
  const words = readOptionValue(WORDS, " 1883  10.0.0.1 # here");
  assert.ok(words.ok);
  assert.deepEqual(words.reading.words, ["1883", "10.0.0.1"]);
});

Deno.test("readOptionValue() says what Mosquitto would not take", () => {
  const reasons = [
    readOptionValue(BOOLEAN, " yes"),
    readOptionValue(BOOLEAN, "  "),
    readOptionValue(integer(0, 2), " 3"),
    readOptionValue(choice("ipv4", "ipv6"), " both"),
  ].map((value) => value.ok || value.reason);
  assert.deepEqual(reasons, [
    '"yes" is not true or false',
    "its value is missing",
    '"3" is not a whole number from 0 to 2',
    '"both" is not one of ipv4, ipv6',
  ]);
});
