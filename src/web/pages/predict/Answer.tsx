import { Box, Card, Text } from '@mantine/core';
import type { ContractAnswer, MadePrediction } from '#api';
import { changesIn } from '../../coerced.ts';
import { CoercedNote } from '../../components/CoercedNote.tsx';
import { ExplanationBars } from '../../components/ExplanationBars.tsx';
import { ProbabilityBars } from '../../components/ProbabilityBars.tsx';
import { ShortId } from '../../components/ShortId.tsx';
import { toFeatureText, toLabelText } from '../../format.ts';
import { own } from '../../own.ts';

interface AnswerProps {
  readonly item: MadePrediction | undefined;
  readonly contract: ContractAnswer;
}

/** What was predicted of the row that was sent last, with its probabilities and its explanation. */
export function Answer({ item, contract }: AnswerProps) {
  const column = contract.columns.find(({ name }) => name === contract.label);
  const probabilities = item && (item.probabilities ?? ofPredicted(item));
  return (
    <Card padding="lg" h="100%" aria-live="polite">
      <Text c="dimmed" size="sm" fw={500}>
        {column?.label ?? contract.label}
      </Text>
      {item === undefined ? (
        <Text c="dimmed" mt="sm" size="sm">
          The prediction appears here. Unless you choose otherwise it is stored with its features, so you find it again
          under Past predictions.
        </Text>
      ) : (
        <>
          <Text fz={40} fw={680} lh={1.2} className="break" style={{ letterSpacing: '-0.03em' }}>
            {toLabelText(item.prediction, column)}
          </Text>
          {probabilities === undefined ? null : (
            <Box mt="sm">
              <ProbabilityBars probabilities={probabilities} predicted={item.prediction} />
            </Box>
          )}
          <Text size="sm" c="dimmed" mt="md" className="break">
            {contract.columns
              .filter(({ name }) => Object.hasOwn(item.features, name))
              .map((column) => `${column.label} ${toFeatureText(own(item.features, column.name), column)}`)
              .join(' · ')}
          </Text>
          {item.coerced === undefined ? null : (
            <Box mt="xs">
              <CoercedNote changes={changesIn(item.coerced, { columns: contract.columns, isOneRow: true })} />
            </Box>
          )}
          <Text size="xs" c="dimmed" mt="xs" component="div" className="mono break">
            {item.modelVersion} ·{' '}
            {item.predictionId === undefined ? (
              'not stored'
            ) : (
              <>
                prediction <ShortId value={item.predictionId} />
              </>
            )}
            {item.rowId === undefined ? '' : ` · row ${item.rowId}`}
          </Text>
          {item.explanation === undefined ? null : (
            <Box mt="lg">
              <ExplanationBars explanation={item.explanation} features={item.features} columns={contract.columns} />
            </Box>
          )}
        </>
      )}
    </Card>
  );
}

/** Of some answers only the probability of the predicted class is known. */
const ofPredicted = ({ prediction, probability }: MadePrediction) =>
  probability === undefined ? undefined : { [prediction]: probability };
