import type { LatencyBucket } from "#lib/api/schema";

export interface Bar {
  from_ms: number;
  to_ms: number;
  spans: number;
}

/** Bars of equal width on a logarithmic scale, each of `wide` neighbouring buckets, so many that there are at most
 * `most`; those between without spans are there too. */
export function bars(buckets: readonly LatencyBucket[], most: number): Bar[] {
  const [first, last] = [buckets[0], buckets.at(-1)];
  if (!first || !last) return [];
  const growth = last.to_ms / Math.max(last.from_ms, last.to_ms / 1.04);
  // All up to a microsecond share the first bucket, which has no lower bound of its own.
  const low = first.from_ms > 0 ? first.from_ms : first.to_ms / growth;
  const place = (ms: number) => Math.round(Math.log(ms / low) / Math.log(growth));
  const wide = Math.max(1, Math.ceil(place(last.to_ms) / most));
  const count = Math.ceil(place(last.to_ms) / wide);
  const made = Array.from({ length: count }, (_, index) => ({
    from_ms: low * growth ** (index * wide),
    to_ms: low * growth ** ((index + 1) * wide),
    spans: 0,
  }));
  for (const bucket of buckets) {
    const bar = made[Math.floor((place(bucket.to_ms) - 1) / wide)];
    if (bar) bar.spans += bucket.spans;
  }
  return made;
}

/** The upper bound of the bucket below which that part of the spans lies. */
export function quantile(buckets: readonly LatencyBucket[], part: number): number | null {
  const all = buckets.reduce((sum, bucket) => sum + bucket.spans, 0);
  let below = 0;
  for (const bucket of buckets) {
    below += bucket.spans;
    if (below >= part * all) return bucket.to_ms;
  }
  return null;
}
