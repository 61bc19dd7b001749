/**
 * The schema: the same settings as the table, and the committed JSON Schema that editors read.
 */

import assert from "node:assert/strict";
import { everyRow } from "../../src/config/path.ts";
import { configurationSchema, jsonSchema } from "../../src/config/schema.ts";

const COMMITTED = new URL("../../build/broker.schema.json", import.meta.url);

/** The part of a JSON Schema that is looked at here. */
interface SchemaNode {
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly additionalProperties?: unknown;
}

/** The keys of a schema, through lists and unions, with their nodes. */
function keysOf(node: SchemaNode, path: readonly string[] = []): [string, SchemaNode][] {
  const inner = [...(node.anyOf ?? []), ...(node.items === undefined ? [] : [node.items])];
  return [
    ...Object.entries(node.properties ?? {}).flatMap(([key, child]): [string, SchemaNode][] => [
      [[...path, key].join("."), child],
      ...keysOf(child, [...path, key]),
    ]),
    ...inner.flatMap((child) => keysOf(child, path)),
  ];
}

Deno.test("build/broker.schema.json is what 'broker schema' prints", async () => {
  assert.equal(
    await Deno.readTextFile(COMMITTED),
    `${JSON.stringify(jsonSchema(), null, 2)}\n`,
    "run: deno task start schema > build/broker.schema.json",
  );
});

Deno.test("the JSON Schema has every key of the table with its description and its default", () => {
  const fromSchema = keysOf(jsonSchema()).map(([path, { description, default: value }]) => ({
    path,
    description,
    value,
  }));
  const fromTable = everyRow().map(({ path, row }) => ({
    path: path.join("."),
    description: row.about,
    value: row.kind === "section" ? undefined : row.default,
  }));
  assert.deepEqual(fromSchema, fromTable);
});

Deno.test("the JSON Schema is of draft 2020-12 and refuses unknown keys", () => {
  const schema = jsonSchema();
  assert.equal(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
  assert.equal(schema["additionalProperties"], false);
});

Deno.test("the schema accepts nothing, and everything that is optional may be null", () => {
  for (const value of [{}, { limits: null, listeners: null, logging: { levels: null } }]) {
    assert.equal(configurationSchema.safeParse(value).success, true, JSON.stringify(value));
  }
  for (const value of [null, [], 5, { limits: [] }, { sys_interval: null }]) {
    assert.equal(configurationSchema.safeParse(value).success, false, JSON.stringify(value));
  }
});

Deno.test("the schema takes numbers where YAML makes one of a version, a name or an account", () => {
  const accepts = (listener: unknown) =>
    configurationSchema.safeParse({ listeners: [listener] }).success;
  const right = [
    { protocol_versions: [3.1, "3.1.1", 5] },
    { tls: { min_version: 1.3 } },
    { name: 1883 },
    { owner: 1000 },
    { mount_point: "" },
  ];
  const wrong = [
    { protocol_versions: [4] },
    { protocol_versions: 5 },
    { tls: { min_version: 1.1 } },
    { name: -1 },
    { name: "" },
    { mode: 660 },
  ];
  assert.deepEqual(right.filter((listener) => !accepts(listener)), []);
  assert.deepEqual(wrong.filter(accepts), []);
});

Deno.test("the JSON Schema asks for what must be given", () => {
  const node = (value: unknown): Record<string, unknown> => Object(value);
  const properties = node(jsonSchema()["properties"]);
  const users = node(properties["users"]);
  assert.deepEqual(JSON.stringify(users).match(/"required":\[[^\]]*\]/g), ['"required":["name"]']);
});
