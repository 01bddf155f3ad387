import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LabelKind, Matrix } from '#ml';
import { readModelText } from '../../../src/ml/lightgbm/read-model-text.ts';
import { treeModel } from '../../../src/ml/trees/tree-model.ts';
import { readTrees } from '../../../src/ml/trees/tree-payload.ts';

const NUMBER: LabelKind = { kind: 'regression' };
const COLUMNS = ['size', 'kind'];

/** A tree that asks for a size and for a kind, and one that only parts sizes from what is missing. */
const TEXT = `tree
version=v4
num_class=1
num_tree_per_iteration=1
label_index=0
max_feature_idx=1
objective=regression
feature_names=Column_0 Column_1
feature_infos=[0:10] -1:0:1:33
tree_sizes=1 2

Tree=0
num_leaves=3
num_cat=1
split_feature=0 1
split_gain=2 1
threshold=2.5 0
decision_type=8 1
left_child=1 -1
right_child=-2 -3
leaf_value=1 10 100
leaf_weight=4 3 3
leaf_count=4 3 3
internal_value=0 0
internal_weight=0 0
internal_count=10 7
cat_boundaries=0 2
cat_threshold=2 2
is_linear=0
shrinkage=1


Tree=1
num_leaves=2
num_cat=0
split_feature=0
split_gain=1
threshold=inf
decision_type=8
left_child=-1
right_child=-2
leaf_value=1000 5000
leaf_weight=8 2
leaf_count=8 2
internal_value=0
internal_weight=0
internal_count=10
is_linear=0
shrinkage=1


end of trees

feature_importances:
Column_0=2

parameters:
[boosting: gbdt]
end of parameters
`;

const read = (text: string) => treeModel(readModelText(text, { label: NUMBER, columns: COLUMNS }));
const rows = (...cells: readonly (readonly [number, number])[]): Matrix => ({
  columns: COLUMNS,
  rowCount: cells.length,
  values: Float64Array.from(cells.flat()),
});

describe('the text of a model of LightGBM', () => {
  it('is read with thresholds, sets of codes and the side of what is missing', () => {
    const found = read(TEXT).predict(rows([1, 1], [1, 33], [1, 2], [2.5, 1], [3, 1], [Number.NaN, 1], [Infinity, 0]));
    expect([...found]).toEqual([1001, 1001, 1100, 1001, 1010, 5010, 1010]);
  });

  it('may be of a forest, which answers with the mean of its trees', () => {
    const forest = TEXT.replace('label_index=0', 'average_output\nlabel_index=0');
    expect([...read(forest).predict(rows([1, 1], [3, 1]))]).toEqual([500.5, 505]);
  });

  it('reads zero as missing where the text says so', () => {
    const zero = TEXT.replace('decision_type=8 1', 'decision_type=4 1');
    expect([...read(zero).predict(rows([0, 1], [1e-36, 1], [1e-34, 1]))]).toEqual([1010, 1010, 1001]);
  });

  it.each([
    ['version=v4', 'version=v9', 'no text of a model of LightGBM 4'],
    ['objective=regression', 'objective=custom', 'its objective "custom" is none of'],
    ['is_linear=0', 'is_linear=1', 'linear models'],
    ['max_feature_idx=1', 'max_feature_idx=2', 'read 3 columns, and 2 were expected'],
    ['left_child=1 -1', 'left_child=0 -1', 'reached twice'],
    ['split_feature=0 1', 'split_feature=0 9', 'a column that does not exist'],
    ['leaf_value=1 10 100', 'leaf_value=1 nan 100', 'not finite'],
    ['leaf_count=4 3 3', 'leaf_count=4 0 3', 'reached by no row'],
    ['threshold=2.5 0', 'threshold=2.5 4', 'a split has no threshold'],
    ['leaf_value=1 10 100', 'leaf_value=1 10', '2 numbers as leaf_value, and 3 were expected'],
  ])('is refused when "%s" becomes "%s"', (from, to, why) => {
    expect(() => read(TEXT.replace(from, to))).toThrow(why);
  });

  it('is refused or read, whatever is changed in it, and what is read predicts and comes back from its payload', () => {
    const characters = [...'0123456789-= .\ninfv'];
    const change = fc.record({ at: fc.nat(TEXT.length - 1), cut: fc.nat(3), put: fc.constantFrom('', ...characters) });
    const all = rows([1, 1], [Number.NaN, 33], [-0, -1], [1e300, 1e300]);
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const text = changes.reduce((each, { at, cut, put }) => each.slice(0, at) + put + each.slice(at + cut), TEXT);
        let model: ReturnType<typeof read>;
        try {
          model = read(text);
        } catch (error) {
          expect(error).toMatchObject({ code: 'payload_corrupt' });
          return;
        }
        const predicted = model.predict(all);
        expect(predicted).toHaveLength(all.rowCount);
        expect(treeModel(readTrees(model.payload())).predict(all)).toEqual(predicted);
      }),
      { numRuns: 5_000 },
    );
  });
});
