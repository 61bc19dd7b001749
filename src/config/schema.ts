/**
 * The zod schema of broker.yaml, built from the table of settings, and the JSON Schema that
 * follows from it.
 *
 * Owns the structure that is checked: which keys may stand where, and what kind of value behind
 * them. Does not own the words of the errors (`explain.ts`) nor the conversion of values
 * (`read.ts`). Loaded only when a file is read or the JSON Schema is printed: the library costs
 * several megabytes that a start with the defaults need not pay. Invariant: what the schema
 * accepts, `readSettings` can read.
 */

import * as z from "zod/mini";
import { readLeaf } from "./leaf.ts";
import { isLeaf } from "./read.ts";
import type { LeafRow, ListRow, Row, RowMap, TextRow } from "./row.ts";
import { settingsTable } from "./settings.ts";
import { mayBeEmpty, takesNumbers } from "./text_forms.ts";
import { DURATION_PATTERN, SIZE_PATTERN } from "./units.ts";

/**
 * What a checked file may hold: every key optional, unknown keys refused, an empty section
 * allowed.
 */
export const configurationSchema: z.ZodMiniType = sectionSchema(settingsTable.rows);

/** The JSON Schema (draft 2020-12) of broker.yaml as people write it, for editors. */
export function jsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(configurationSchema, {
    target: "draft-2020-12",
    io: "input",
  });
  return {
    $schema,
    title: "broker.yaml",
    description: settingsTable.about,
    ...rest,
  };
}

function sectionSchema(rows: RowMap): z.ZodMiniType {
  const shape: Record<string, z.ZodMiniType> = {};
  for (const [key, row] of Object.entries(rows)) shape[key] = rowSchema(row);
  return z.strictObject(shape);
}

function rowSchema(row: Row): z.ZodMiniType {
  if (isLeaf(row)) return documented(leafSchema(row), row, row.default);
  if (row.kind === "section") {
    return documented(z.nullable(sectionSchema(row.rows)), row, undefined);
  }
  const schema = row.kind === "list" ? listSchema(row) : z.array(leafSchema(row.item));
  // A heading whose lines are all commented out is null in YAML, and means the default. Without one,
  // "users:" with nothing behind it could mean everybody or nobody.
  return documented(row.default === undefined ? schema : z.nullable(schema), row, row.default);
}

function listSchema(row: ListRow): z.ZodMiniType {
  const item = sectionSchema(row.item.rows).register(z.globalRegistry, {
    description: row.item.about,
  });
  if (row.words.length > 0) return z.array(z.union([z.enum(row.words), item]));
  return row.default.length > 0 ? z.array(item).check(z.minLength(1)) : z.array(item);
}

function leafSchema(row: LeafRow): z.ZodMiniType {
  return writtenSchema(row).check(z.refine((value) => readLeaf(row, value).ok));
}

/**
 * What a value looks like in the file. Ranges that JSON Schema cannot say are left to `readLeaf`.
 */
function writtenSchema(row: LeafRow): z.ZodMiniType {
  switch (row.kind) {
    case "size":
      return z.union([z.number().check(z.minimum(0)), z.string().check(z.regex(SIZE_PATTERN))]);
    case "duration": {
      const written = [
        z.number().check(z.minimum(0)),
        z.string().check(z.regex(DURATION_PATTERN)),
      ];
      return z.union(row.never === undefined ? written : [...written, z.literal("never")]);
    }
    case "count": {
      const number = z.int().check(
        z.minimum(row.none === true ? 0 : row.from),
        z.maximum(row.to),
      );
      return row.none === true ? z.union([number, z.literal("none")]) : number;
    }
    case "choice":
      return choiceSchema(row.words);
    case "toggle":
      return z.boolean();
    case "text":
      return textSchema(row);
  }
}

/** A version that YAML takes for a number is meant as the word. */
function choiceSchema(words: readonly string[]): z.ZodMiniType {
  const numbers = words.map(Number).filter((number, index) => String(number) === words[index]);
  return numbers.length === 0 ? z.enum(words) : z.union([z.enum(words), z.literal(numbers)]);
}

function textSchema({ form }: TextRow): z.ZodMiniType {
  const written = mayBeEmpty(form) ? z.string() : z.string().check(z.minLength(1));
  return takesNumbers(form) ? z.union([written, z.int().check(z.minimum(0))]) : written;
}

function documented(schema: z.ZodMiniType, row: Row, value: unknown): z.ZodMiniType {
  const optional = row.presence === "required" ? schema : z.optional(schema);
  return optional.register(z.globalRegistry, {
    description: row.about,
    ...(value === undefined ? {} : { default: value }),
  });
}
