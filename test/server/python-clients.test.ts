import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { canTestPythonClients, runPython } from './python-clients.ts';
import { addChampion, createWorld, type World } from './world.ts';

describe.skipIf(!canTestPythonClients())('a client in Python', () => {
  let world: World;
  let port: number;
  beforeAll(async () => {
    world = await createWorld();
    await addChampion(world);
    ({ port } = await world.server.listen({ port: 0 }));
  });
  afterAll(() => world.close());
  beforeEach(() => world.database.query('truncate predictions, prediction_requests'));
  const stored = () => world.database.query('select prediction, features from predictions order by id');

  it('of the Open Inference Protocol predicts, and reads why a row is refused', async () => {
    const said = await runPython(`
import json, numpy
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException
client = triton.InferenceServerClient("127.0.0.1:${port}")
def tensor(name, datatype, values):
    found = triton.InferInput(name, [len(values)], datatype)
    found.set_data_from_numpy(values, binary_data=False)
    return found
size = tensor("size", "BYTES", numpy.array(["small", "large"], dtype=object))
fragile = tensor("fragile", "BOOL", numpy.array([False, True]))
answer = client.infer("parcels", [tensor("weight", "FP64", numpy.array([2.0, 39.0])), size, fragile])
try:
    client.infer("parcels", [tensor("weight", "FP64", numpy.array([2.0, 99.0])), size, fragile])
    refused = None
except InferenceServerException as error:
    refused = error.message()
try:
    client.infer("parcels", [tensor("weight", "FP64", numpy.array([numpy.nan, 2.0])), size, fragile])
    unreadable = None
except InferenceServerException as error:
    unreadable = error.message()
asked = client.infer("parcels", [tensor("weight", "FP64", numpy.array([2.0, 39.0])), size, fragile], model_version="1",
    outputs=[triton.InferRequestedOutput("probability of broken", binary_data=False)], request_id="seven", timeout=5)
print(json.dumps({
    "live": client.is_server_live(), "ready": client.is_server_ready(), "model": client.is_model_ready("parcels"),
    "inputs": [each["name"] for each in client.get_model_metadata("parcels")["inputs"]],
    "prediction": list(answer.as_numpy("prediction")), "refused": refused, "unreadable": unreadable,
    "server": client.get_server_metadata()["name"], "version": client.is_model_ready("parcels", "1"),
    "asked": [each["name"] for each in asked.get_response()["outputs"]], "id": asked.get_response()["id"],
}))`);
    expect(said).toMatchObject({
      ...{ live: true, ready: true, model: true, prediction: ['kept', 'broken'] },
      inputs: expect.arrayContaining(['weight', 'size', 'fragile']),
      refused: expect.stringContaining('violate the contract'),
      unreadable: expect.stringContaining('JSON'),
      ...{ server: 'weir', version: true, asked: ['probability of broken'], id: 'seven' },
    });
    expect(await stored()).toHaveLength(4);
  });

  it("of MLflow's scoring server predicts a data frame", async () => {
    const said = await runPython(`
import json, pandas
from mlflow.pyfunc.scoring_server.client import ScoringServerClient
client = ScoringServerClient("127.0.0.1", ${port})
client.ping()
rows = pandas.DataFrame({"weight": [2.0, 39.0], "size": ["small", "large"], "fragile": [False, True]})
print(json.dumps({
    "predictions": client.invoke(rows).get_predictions().iloc[:, 0].tolist(),
    "listed": client.invoke(rows.to_dict(orient="records")).get_predictions().iloc[:, 0].tolist(),
}))`);
    expect(said).toEqual({ predictions: ['kept', 'broken'], listed: ['kept', 'broken'] });
    expect(await stored()).toHaveLength(4);
  });
});
