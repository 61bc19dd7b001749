import { messageOf } from "../../src/error_text.ts";
import assert from "node:assert/strict";
import {
  type FailureKind,
  failureKind,
  isLocked,
  StoreDamagedError,
  StoreGoneError,
  StoreInUseError,
} from "../../src/storage/errors.ts";

Deno.test("failureKind() sorts errors by what helps", () => {
  const sorted: [unknown, FailureKind][] = [
    [new StoreDamagedError("x"), "damaged"],
    [new StoreGoneError("x"), "gone"],
    [new Error("database or disk is full"), "full"],
    [new Error("No space left on device (os error 28)"), "full"],
    [new Error("database disk image is malformed"), "damaged"],
    [new Error("file is not a database"), "damaged"],
    [new Error("no such table: outgoing"), "damaged"],
    [new Error("disk I/O error"), "unusable"],
    [new Error("attempt to write a readonly database"), "unusable"],
    [new Error("unable to open database file: /x"), "unusable"],
    ["database is locked", "unusable"],
  ];
  for (const [error, kind] of sorted) assert.equal(failureKind(error), kind, messageOf(error));
});

Deno.test("isLocked() knows the text of a lock that another holds", () => {
  assert.deepEqual([isLocked(new Error("database is locked")), isLocked(new Error("full"))], [
    true,
    false,
  ]);
});

Deno.test("StoreInUseError names the file", () => {
  assert.equal(new StoreInUseError("/x").message, "Cannot use '/x': another broker uses it");
});
