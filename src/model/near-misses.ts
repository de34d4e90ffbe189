/** The known words that someone who typed `word` may have meant, the nearest first; at most three. */
export function findNearMisses(word: string, known: readonly string[]): string[] {
  const most = Math.max(1, Math.floor(word.length / 3));
  return [...new Set(known)]
    .map((candidate) => ({ candidate, distance: distanceOf(word.toLowerCase(), candidate.toLowerCase()) }))
    .filter(({ distance }) => distance <= most)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

/** Letters to add, drop or change to get from one word to the other; half a letter when one only begins the other. */
function distanceOf(one: string, other: string): number {
  if (one.length > 1 && other.startsWith(one)) return 0.5;
  let previous = Array.from({ length: other.length + 1 }, (_, i) => i);
  for (let i = 1; i <= one.length; i++) {
    const current = [i];
    for (let j = 1; j <= other.length; j++) {
      const change = one[i - 1] === other[j - 1] ? 0 : 1;
      current[j] = Math.min(
        (previous[j] ?? 0) + 1,
        (current[j - 1] ?? 0) + 1,
        (previous[j - 1] ?? 0) + change,
      );
    }
    previous = current;
  }
  return previous[other.length] ?? 0;
}
