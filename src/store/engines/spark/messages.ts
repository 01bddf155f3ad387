/** Messages of `protocol.ts` as the client gives and gets them. */

export interface Plan {
  readonly root?: Relation;
  readonly command?:
    | { readonly sql_command: { readonly input: Relation } }
    | { readonly create_dataframe_view: { readonly input: Relation; readonly name: string; readonly replace: true } }
    | {
        readonly write_operation: {
          readonly input: Relation;
          readonly source: 'parquet';
          readonly path: string;
          readonly mode: 'SAVE_MODE_ERROR_IF_EXISTS';
        };
      };
}

export interface Relation {
  readonly common: { readonly plan_id: number };
  readonly sql?: { readonly query: string };
  readonly read?: { readonly data_source: { readonly format: 'parquet'; readonly paths: readonly string[] } };
  readonly project?: {
    readonly input: Relation;
    readonly expressions: readonly { readonly expression_string: { readonly expression: string } }[];
  };
}

export interface ExecuteAnswer {
  readonly response_id: string;
  readonly arrow_batch?: { readonly data: Buffer } | null;
  readonly result_complete?: object | null;
  readonly execution_progress?: { readonly stages: readonly Stage[] } | null;
}

interface Stage {
  readonly num_tasks: number;
  readonly num_completed_tasks: number;
}

/** One of its fields is set, which is the kind; named by `kind`. */
export interface DataType {
  readonly kind: string;
  readonly decimal?: { readonly precision: number; readonly scale: number } | null;
  readonly struct?: { readonly fields: readonly { readonly name: string; readonly data_type: DataType }[] } | null;
}

export interface AnalyzeAnswer {
  readonly schema?: { readonly schema: DataType } | null;
}
