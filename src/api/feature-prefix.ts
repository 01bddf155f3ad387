/** What a filter by a feature starts with: `feature.weight=2`, `feature.weight.min=1`. */
export const FEATURE_PREFIX = 'feature.';
