// Checks definitions of state machines (JSON arrays of them on stdin) with two validators, since each misses faults that the
// other finds. Prints a JSON array with the faults of each definition.
const { readFileSync } = require("node:fs");
const { getLanguageService, TextDocument } = require("amazon-states-language-service");
const validate = require("asl-validator");

async function findFaults(definition) {
  const service = getLanguageService({});
  const document = TextDocument.create("file:///definition.asl", "asl", 1, JSON.stringify(definition));
  const found = await service.doValidation(document, service.parseJSONDocument(document));
  const result = (validate.default ?? validate)(definition, { checkArn: true, checkPaths: true });
  return [
    ...found.map((fault) => `amazon-states-language-service: ${fault.message}`),
    ...result.errors.map((fault) => `asl-validator: ${fault["Error code"] ?? fault.code}: ${fault.Message ?? fault.message}`),
  ];
}

(async () => {
  const definitions = JSON.parse(readFileSync(0, "utf8"));
  console.log(JSON.stringify(await Promise.all(definitions.map(findFaults))));
})();
