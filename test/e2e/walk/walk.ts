import { readFile } from 'node:fs/promises';
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';
import { type ContractAnswer, contractAnswer, models, predictAnswer } from '#api';
import { toCsv, toRow, type WalkedData } from './walked-data.ts';

export interface Walker {
  readonly page: Page;
  readonly url: string;
  readonly data: WalkedData;
}

const ARRIVED = 'arrived.csv';
/** Of the later rows, the one with a wrong cell in the file that is uploaded. */
const WRONG_ROW = 2;

/**
 * What a person does with a project from its first prediction to a better model: predicts by form and by file, lets rows
 * arrive, says what really happened to them, trains again, and decides which version serves.
 */
export async function walk(walker: Walker): Promise<void> {
  await walker.page.goto(walker.url);
  await predictByForm(walker);
  await predictFile(walker);
  await ingestFile(walker);
  await runPipeline(walker, 'predict');
  const ids = await downloadIds(walker);
  await findPrediction(walker, ids);
  await sendLabels(walker, ids);
  await seeMetricsByDay(walker);
  await runPipeline(walker, 'train');
  await seeNewRows(walker);
  await promoteAndRollBack(walker);
}

async function goTo({ page }: Walker, name: string): Promise<void> {
  await page.getByRole('navigation', { name: 'Main' }).getByRole('link', { name, exact: true }).click();
  await page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
}

async function predictByForm(walker: Walker): Promise<void> {
  const { page, url, data } = walker;
  const [row = {}] = data.later;
  const contract = contractAnswer.parse(await (await fetch(new URL('/api/contract', url))).json());
  await goTo(walker, 'Predict');
  for (const column of contract.columns.filter(({ role }) => role === 'feature' || role === 'time'))
    await fillField(page, column, row[column.name]);
  const answered = page.waitForResponse('**/api/predict');
  await page.getByRole('button', { name: 'Predict', exact: true }).click();
  const { predictions } = predictAnswer.parse(await (await answered).json());
  const [{ prediction, modelVersion } = {}] = predictions;
  expect(modelVersion).toBe(`${data.name}@1`);
  if (prediction === undefined || !data.isRight(prediction, row[data.label] ?? ''))
    throw new Error(`Expected about ${row[data.label]}, got ${prediction}.`);
  const shown = await page.getByRole('region', { name: 'Predicted here' }).getByRole('row').nth(1).innerText();
  // Numbers are shown in groups, with the digits that the contract gives them.
  const numbers = shown.replaceAll(',', '').match(/\d+(\.\d+)?/g) ?? [];
  if (typeof prediction === 'string') expect(shown).toContain(prediction);
  else expect(numbers.some((number) => Math.abs(Number(number) - prediction) < 1)).toBe(true);
}

/** Fills in the field that the contract asks for: a box, buttons or a list. Empty stays as it is. */
async function fillField(page: Page, column: ContractAnswer['columns'][number], text = ''): Promise<void> {
  const name = column.unit === undefined ? column.label : `${column.label} (${column.unit})`;
  if (column.kind === 'date') return await page.getByLabel(name).fill(text);
  if (column.kind !== 'category' && column.kind !== 'boolean')
    return await page.getByRole('textbox', { name, exact: true }).fill(text);
  const choice = column.kind === 'category' ? text : text === 'true' ? 'Yes' : 'No';
  const buttons = page.getByRole('radiogroup', { name, exact: true });
  if ((await buttons.count()) > 0) return await buttons.getByText(choice, { exact: true }).click();
  const list = page.getByRole('combobox', { name, exact: true });
  expect(await list.count(), `field of ${name}`).toBe(1);
  if (text === '') return;
  await list.click();
  await page.getByRole('option', { name: choice, exact: true }).click();
}

async function predictFile({ page, data }: Walker): Promise<void> {
  const columns = [...data.columns.filter((name) => name !== data.label), 'note'];
  const rows = data.later.map((row, at) => ({ ...row, note: `n${at}`, ...(at === WRONG_ROW ? data.wrong : {}) }));
  await page.getByRole('tab', { name: 'CSV file' }).click();
  await choose(page.getByRole('region', { name: 'CSV file' }), 'asked.csv', toCsv(columns, rows));
  await page.getByRole('button', { name: `Predict ${rows.length - 1} valid rows` }).click();
  await page.getByRole('heading', { name: `${rows.length - 1} predictions for asked.csv` }).waitFor();
  expect(await page.getByRole('region', { name: 'Predictions of the file' }).locator('tbody tr').count()).toBe(
    rows.length,
  );
  const lines = await saved(page, () => page.getByRole('button', { name: 'Download' }).click());
  const width = columns.length;
  expect(lines[0]?.slice(1, width + 2)).toEqual([...columns, 'prediction']);
  const results = lines.slice(1).map((cells) => ({
    ...{ number: cells[0], own: cells.slice(1, width + 1), prediction: cells[width + 1] ?? '', reason: cells.at(-1) },
  }));
  expect(results.map(({ number }) => number)).toEqual(rows.map((_, at) => String(at + 1)));
  expect(results.map(({ own }) => own)).toEqual(
    rows.map((row: Readonly<Record<string, string>>) => columns.map((name) => row[name])),
  );
  expect(results.filter(({ prediction }) => prediction === '')).toMatchObject([
    { number: String(WRONG_ROW + 1), reason: expect.stringContaining(Object.values(data.wrong).join()) },
  ]);
  const right = results.filter(({ prediction }, at) => data.isRight(prediction, data.later[at]?.[data.label] ?? ''));
  expect(right.length).toBeGreaterThanOrEqual(data.rightMin - 1);
}

function choose(area: Locator, name: string, text: string): Promise<void> {
  return area.locator('input[type=file]').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
}

/** Cells of a CSV text none of whose quoted cells holds a line break. */
function readCells(text: string): string[][] {
  const lines = text.replace('\uFEFF', '').split(/\r?\n/);
  return lines
    .filter((line) => line !== '')
    .map((line) =>
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(
        ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
      ),
    );
}

/** Lets the later rows arrive without their label, as they do before anybody knows it. */
async function ingestFile(walker: Walker): Promise<void> {
  const { page, data } = walker;
  const columns = data.columns.filter((name) => name !== data.label);
  await goTo(walker, 'Data');
  await choose(page.getByRole('region', { name: 'File for raw-data' }), ARRIVED, toCsv(columns, data.later));
  await page.getByRole('button', { name: `Ingest now: ${ARRIVED}` }).click();
  await expectSuccess(walker, 'ingest');
}

async function runPipeline(walker: Walker, pipeline: string): Promise<void> {
  await goTo(walker, 'Runs');
  await walker.page.getByRole('button', { name: 'Start a pipeline' }).click();
  await walker.page.getByRole('menuitem', { name: pipeline, exact: true }).click();
  await expectSuccess(walker, pipeline);
}

/** The page of a run offers to start the pipeline again when it has ended, or to retry it when it has failed. */
async function expectSuccess({ page }: Walker, pipeline: string): Promise<void> {
  await page.getByRole('heading', { level: 1, name: pipeline, exact: true }).waitFor();
  const ended = page.getByRole('button', { name: `Start ${pipeline} now` });
  await ended.or(page.getByRole('button', { name: 'Retry from failure' })).waitFor();
  expect(await ended.count(), await page.getByRole('main').innerText()).toBe(1);
}

/** Ids of the later rows in the downloaded predictions: their own, or those they got when they arrived. */
async function downloadIds(walker: Walker): Promise<readonly string[]> {
  const { page, data } = walker;
  await goTo(walker, 'Past predictions');
  await page.getByRole('button', { name: 'Download' }).click();
  const [names = [], ...lines] = await saved(page, () => page.getByRole('menuitem', { name: 'CSV' }).click());
  const header = names.map((name) => (name === 'row_id' ? (data.id ?? name) : name.replace(/^feature\./, '')));
  const predictions = lines.map((cells) => toRow(header, cells)).filter(({ source }) => source === 'scheduled');
  expect(predictions).toHaveLength(data.later.length);
  const known = data.id === undefined ? data.columns.filter((name) => header.includes(name)) : [data.id];
  return data.later.map((row) => {
    const found = predictions.find((each) => known.every((name) => isSameCell(each[name], row[name])));
    return found?.[data.id ?? 'row_id'] ?? '';
  });
}

/** Numbers lose the zeros at their end. */
const isSameCell = (one = '', other = ''): boolean => one === other || (one !== '' && Number(one) === Number(other));

/** The cells of a CSV file that a click saves. */
async function saved(page: Page, click: () => Promise<void>): Promise<readonly (readonly string[])[]> {
  const downloaded = page.waitForEvent('download');
  // Who waits gets the error of the click; the event then never comes.
  downloaded.catch(() => undefined);
  await click();
  return readCells(await readFile(await (await downloaded).path(), 'utf8'));
}

async function findPrediction({ page, data }: Walker, [id = '']: readonly string[]): Promise<void> {
  // Predicted in the file and when it arrived, or with an id only then.
  const count = data.id === undefined ? '1 prediction' : '2 predictions';
  const filter = page.getByPlaceholder('All rows');
  await filter.fill(id);
  await filter.press('Enter');
  await page.getByText(count, { exact: true }).waitFor();
  const [shown] = await page.getByRole('region', { name: 'Past predictions' }).locator('tbody tr').allInnerTexts();
  expect(shown).toContain(id);
  expect(shown).not.toContain('00:00:00');
}

/** Sends what really happened to the rows, and sees it beside the predictions for the first. */
async function sendLabels({ page, data }: Walker, ids: readonly string[]): Promise<void> {
  const id = data.id ?? 'row_id';
  const labels = data.later.map((row, at) => ({ [id]: ids[at] ?? '', [data.label]: row[data.label] ?? '' }));
  await page.getByRole('button', { name: 'Send labels' }).click();
  const dialog = page.getByRole('dialog', { name: 'Send labels' });
  const chooser = page.waitForEvent('filechooser');
  await dialog.getByRole('button', { name: 'Choose a file' }).click();
  const buffer = Buffer.from(toCsv([id, data.label], labels));
  await (await chooser).setFiles({ name: 'happened.csv', mimeType: 'text/csv', buffer });
  await dialog.getByRole('button', { name: `Send ${labels.length} labels` }).click();
  await dialog.getByText(`${labels.length} added, 0 corrected, 0 unchanged`).waitFor();
  await dialog.getByRole('button', { name: 'Close' }).click();
  const table = page.getByRole('region', { name: 'Past predictions' });
  await table.getByRole('columnheader', { name: 'Actual' }).waitFor();
  const actual = data.later[0]?.[data.label] ?? '';
  for (const text of await table.locator('tbody tr').allInnerTexts())
    expect(text.replaceAll(',', '')).toContain(actual);
}

async function seeMetricsByDay(walker: Walker): Promise<void> {
  const { page, data } = walker;
  const arrived = data.later.length;
  const labelled = data.id === undefined ? arrived : 2 * arrived - 1;
  await goTo(walker, 'Models');
  const [all] = await rowsOf(page.getByRole('region', { name: 'Performance by day' }));
  expect(all).toMatch(new RegExp(`^All days\\s+\\d+\\s+${labelled}\\s+[\\d.,]+ %\\s+[\\d.,]+\\s+\\S+ to \\S+`));
}

/** Texts of the rows of a table, once there is one. */
async function rowsOf(table: Locator): Promise<readonly string[]> {
  const rows = table.locator('tbody tr');
  await rows.first().waitFor();
  return await rows.allInnerTexts();
}

/** The rows that arrived are in the dataset of the new version. */
async function seeNewRows(walker: Walker): Promise<void> {
  const { page, data } = walker;
  await goTo(walker, 'Models');
  const versions = page.getByRole('region', { name: 'Model versions' });
  await versions.getByText(`${data.name}@2`, { exact: true }).waitFor();
  // The page asks for each list by itself.
  await expect
    .poll(async () => (await rowsOf(page.getByRole('region', { name: 'Dataset versions' })))[0])
    .toMatch(new RegExp(`^Dataset 2\\s+model @2\\s.*\\b${data.later.length} new\\b`, 's'));
}

/** Makes the version champion that is not, whichever the training chose, and takes it back. */
async function promoteAndRollBack({ page, url, data }: Walker): Promise<void> {
  const askChampion = async (): Promise<number | undefined> => {
    const { versions } = models.parse(await (await fetch(new URL('/api/models', url))).json());
    return versions.find(({ aliases }) => aliases.includes('champion'))?.version;
  };
  const before = await askChampion();
  const other = before === 2 ? 1 : 2;
  await page.getByRole('button', { name: `Promote ${data.name}@${other}` }).click();
  const dialog = page.getByRole('dialog', { name: `Promote ${data.name}@${other}` });
  await dialog.getByLabel('Why?').fill('it knows more');
  await dialog.getByRole('button', { name: `Promote ${data.name}@${other}` }).click();
  await page.getByText(`Version ${other} became champion in place of ${before}`).waitFor();
  await page.getByText('it knows more').waitFor();
  expect(await askChampion()).toBe(other);
  await page.getByRole('button', { name: 'Roll back', exact: true }).click();
  await page.getByLabel('Why?').fill('it does not');
  await page.keyboard.press('Enter');
  await page.getByText('it does not').waitFor();
  expect(await askChampion()).toBe(before);
}
