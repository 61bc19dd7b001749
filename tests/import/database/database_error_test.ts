import assert from "node:assert/strict";
import { DatabaseError, IF_DAMAGED } from "../../../src/import/database/database_error.ts";

Deno.test("a DatabaseError says which file, where in it, and what is wrong", () => {
  const error = new DatabaseError("it is wrong", {
    path: "/var/lib/mosquitto/mosquitto.db",
    offset: 1_234_567,
    advice: IF_DAMAGED,
  });
  assert.equal(
    error.message,
    "Cannot import '/var/lib/mosquitto/mosquitto.db' at byte 1,234,567: it is wrong",
  );
  assert.deepEqual([error.name, error.offset, error.advice], [
    "DatabaseError",
    1_234_567,
    IF_DAMAGED,
  ]);
});

Deno.test("a DatabaseError that is not about the content names no place", () => {
  const error = new DatabaseError("there is no such file", {
    path: "a.db",
    advice: "Name another",
  });
  assert.equal(error.message, "Cannot import 'a.db': there is no such file");
  assert.equal(error.offset, undefined);
});
