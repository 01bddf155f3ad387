import { useQuery } from '@tanstack/react-query';
import { type ModelVersion, toExampleRow } from '#api';
import { featuresOf } from '../../columns.ts';
import { contractQuery } from '../../queries.ts';
import { SnippetsButton } from '../../snippets/SnippetsButton.tsx';

/** How a program asks this version for a prediction. */
export function VersionSnippets({ of: { model, version } }: { readonly of: ModelVersion }) {
  const { data: contract } = useQuery(contractQuery);
  if (contract === undefined) return null;
  return (
    <SnippetsButton
      label={`Code for ${model}@${version}`}
      query={{ version }}
      toBody={() => toExampleRow(featuresOf(contract.columns))}
    />
  );
}
