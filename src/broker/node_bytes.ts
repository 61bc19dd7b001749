/**
 * What one node of a tree of topic levels is charged for: the retained messages and the
 * subscriptions are held in such trees, and a short text can take many nodes.
 */

/** The node, its place in the map of its parent, and its own map of one child (measured). */
const OVERHEAD_BYTES = 250;

/** Bytes that a node named `level` takes; characters count as one byte each. */
export function nodeBytes(level: string): number {
  return OVERHEAD_BYTES + level.length;
}
