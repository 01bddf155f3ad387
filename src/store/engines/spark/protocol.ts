/*
 * The part of the protocol of Spark Connect that Weir speaks. Numbers and names of fields are those of `spark/connect/*.proto`
 * of Apache Spark 4.3.0 (Apache License 2.0, https://www.apache.org/licenses/LICENSE-2.0); fields that are not named here are
 * passed over when they come, as Protocol Buffers allow, so that older and newer servers are understood too.
 */

interface Field {
  readonly type: string;
  readonly id: number;
  readonly rule?: 'repeated';
}

interface Message {
  readonly fields: Readonly<Record<string, Field>>;
  readonly oneofs?: Readonly<Record<string, { readonly oneof: readonly string[] }>>;
}

/** A message, from lines such as `1 session_id string`; `*` before the type for repeated ones. */
function message(lines: string, oneofs: Readonly<Record<string, readonly string[]>> = {}): Message {
  const fields = lines
    .split(',')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line): readonly [string, Field] => {
      const [id = '', name = '', type = ''] = line.split(/\s+/);
      const isRepeated = type.startsWith('*');
      return [name, { type: type.replace('*', ''), id: Number(id), ...(isRepeated ? { rule: 'repeated' } : {}) }];
    });
  const named = Object.entries(oneofs).map(([name, oneof]) => [name, { oneof }] as const);
  return { fields: Object.fromEntries(fields), ...(named.length === 0 ? {} : { oneofs: Object.fromEntries(named) }) };
}

/** Who asks, in which session. */
const ASKING = '1 session_id string, 2 user_context UserContext';
const NOTHING = message('');

/** Kinds of columns without parameters, by their numbers. */
const PLAIN_TYPES = {
  ...{ 1: 'null', 2: 'binary', 3: 'boolean', 4: 'byte', 5: 'short', 6: 'integer', 7: 'long', 8: 'float', 9: 'double' },
  ...{ 11: 'string', 12: 'char', 13: 'var_char', 14: 'date', 15: 'timestamp', 16: 'timestamp_ntz' },
  ...{ 17: 'calendar_interval', 18: 'year_month_interval', 19: 'day_time_interval', 20: 'array', 22: 'map' },
  ...{ 23: 'udt', 24: 'unparsed', 25: 'variant', 26: 'geometry', 27: 'geography', 28: 'time' },
};
const PLAIN_FIELDS = Object.entries(PLAIN_TYPES).map(([id, name]) => `${id} ${name} Nothing`);
const TYPES = [...PLAIN_FIELDS, '10 decimal Decimal', '21 struct Struct'];

const MESSAGES = {
  Nothing: NOTHING,
  UserContext: message('1 user_id string, 2 user_name string'),
  KeyValue: message('1 key string, 2 value string'),
  Sql: message('1 query string'),
  RelationCommon: message('2 plan_id int64'),
  Source: message('1 format string, 4 paths *string'),
  Read: message('2 data_source Source', { read_type: ['data_source'] }),
  ExpressionString: message('1 expression string'),
  Expression: message('4 expression_string ExpressionString', { expr_type: ['expression_string'] }),
  Project: message('1 input Relation, 3 expressions *Expression'),
  Relation: message('1 common RelationCommon, 2 read Read, 3 project Project, 10 sql Sql', {
    rel_type: ['read', 'project', 'sql'],
  }),
  SqlCommand: message('6 input Relation'),
  CreateView: message('1 input Relation, 2 name string, 4 replace bool'),
  SaveMode: { values: { SAVE_MODE_UNSPECIFIED: 0, SAVE_MODE_ERROR_IF_EXISTS: 3 } },
  Write: message('1 input Relation, 2 source string, 3 path string, 5 mode SaveMode', { save_type: ['path'] }),
  Command: message('2 write_operation Write, 3 create_dataframe_view CreateView, 5 sql_command SqlCommand', {
    command_type: ['write_operation', 'create_dataframe_view', 'sql_command'],
  }),
  Plan: message('1 root Relation, 2 command Command', { op_type: ['root', 'command'] }),
  ReattachOptions: message('1 reattachable bool'),
  RequestOption: message('1 reattach_options ReattachOptions', { request_option: ['reattach_options'] }),
  ExecutePlanRequest: message(
    `${ASKING}, 3 plan Plan, 4 client_type string, 5 request_options *RequestOption, 6 operation_id string, 7 tags *string`,
  ),
  ArrowBatch: message('1 row_count int64, 2 data bytes'),
  Stage: message('1 stage_id int64, 2 num_tasks int64, 3 num_completed_tasks int64'),
  ExecutionProgress: message('1 stages *Stage'),
  ExecutePlanResponse: message(
    '2 arrow_batch ArrowBatch, 13 response_id string, 14 result_complete Nothing, 18 execution_progress ExecutionProgress',
    { response_type: ['arrow_batch', 'result_complete', 'execution_progress'] },
  ),
  ReattachExecuteRequest: message(`${ASKING}, 3 operation_id string, 4 client_type string, 5 last_response_id string`),
  ReleaseUntil: message('1 response_id string'),
  ReleaseExecuteRequest: message(
    `${ASKING}, 3 operation_id string, 4 client_type string, 5 release_all Nothing, 6 release_until ReleaseUntil`,
    { release: ['release_all', 'release_until'] },
  ),
  InterruptType: {
    values: { INTERRUPT_TYPE_UNSPECIFIED: 0, INTERRUPT_TYPE_ALL: 1, INTERRUPT_TYPE_TAG: 2 },
  },
  InterruptRequest: message(`${ASKING}, 3 client_type string, 4 interrupt_type InterruptType, 5 operation_tag string`, {
    interrupt: ['operation_tag'],
  }),
  InterruptResponse: message('2 interrupted_ids *string'),
  ReleaseSessionRequest: message(`${ASKING}, 3 client_type string`),
  AnalyzeSchema: message('1 plan Plan'),
  AnalyzePlanRequest: message(`${ASKING}, 3 client_type string, 4 schema AnalyzeSchema`, {
    analyze: ['schema'],
  }),
  SchemaFound: message('1 schema DataType'),
  AnalyzePlanResponse: message('2 schema SchemaFound', { result: ['schema'] }),
  Decimal: message('1 scale int32, 2 precision int32'),
  Struct: message('1 fields *StructField'),
  StructField: message('1 name string, 2 data_type DataType'),
  DataType: message(TYPES.join(', '), { kind: [...Object.values(PLAIN_TYPES), 'decimal', 'struct'] }),
  ConfigSet: message('1 pairs *KeyValue'),
  ConfigOperation: message('1 set ConfigSet', { op_type: ['set'] }),
  ConfigRequest: message(`${ASKING}, 3 operation ConfigOperation, 4 client_type string`),
};

function call(
  request: keyof typeof MESSAGES,
  { answer, isStream = false }: { readonly answer: keyof typeof MESSAGES; readonly isStream?: boolean },
) {
  return { requestType: request, responseType: answer, ...(isStream ? { responseStream: true } : {}) };
}

const METHODS = {
  ExecutePlan: call('ExecutePlanRequest', { answer: 'ExecutePlanResponse', isStream: true }),
  ReattachExecute: call('ReattachExecuteRequest', { answer: 'ExecutePlanResponse', isStream: true }),
  ReleaseExecute: call('ReleaseExecuteRequest', { answer: 'Nothing' }),
  AnalyzePlan: call('AnalyzePlanRequest', { answer: 'AnalyzePlanResponse' }),
  Config: call('ConfigRequest', { answer: 'Nothing' }),
  Interrupt: call('InterruptRequest', { answer: 'InterruptResponse' }),
  ReleaseSession: call('ReleaseSessionRequest', { answer: 'Nothing' }),
};

/** As the JSON of descriptors that readers of Protocol Buffers take. */
export const SPARK_CONNECT = {
  nested: {
    spark: { nested: { connect: { nested: { ...MESSAGES, SparkConnectService: { methods: METHODS } } } } },
  },
};
