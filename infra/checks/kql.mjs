// Reads {name: query} on standard input, writes {name: {problems: [...], columns: {name: type}}}: what Kusto's own parser says of
// each query, with the columns that are used of the tables that Application Insights fills, and what a row of its answer has.
// The first argument is the folder of the parser.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'

const require = createRequire(import.meta.url)
const folder = process.argv[2]
require(join(folder, 'bridge.min.js'))
require(join(folder, 'Kusto.Language.Bridge.min.js'))
const { GlobalState, KustoCode, Symbols } = globalThis.Kusto.Language

// Source: learn.microsoft.com/azure/azure-monitor/reference/tables/appmetrics (apprequests, appdependencies)
const common = 'TimeGenerated:datetime, Name:string, Properties:dynamic, ItemCount:int, OperationId:string'
const tables = {
  AppMetrics: `(${common}, Sum:real, Min:real, Max:real)`,
  AppRequests: `(${common}, DurationMs:real, Success:bool, ResultCode:string)`,
  AppDependencies: `(${common}, DurationMs:real, Success:bool, ResultCode:string, DependencyType:string)`,
}

const symbols = Object.entries(tables).map(([name, columns]) => Symbols.TableSymbol.From(columns).WithName(name))
const database = new Symbols.DatabaseSymbol.$ctor1('workspace', symbols)
const globals = GlobalState.Default.WithDatabase(database)

const list = (found) => Array.from({ length: found.Count }, (_, i) => found.getItem(i))
const said = {}
for (const [name, query] of Object.entries(JSON.parse(readFileSync(0, 'utf8')))) {
  const code = KustoCode.ParseAndAnalyze(query, globals)
  said[name] = {
    problems: list(code.GetDiagnostics()).map((each) => each.Message),
    columns: Object.fromEntries(list(code.ResultType?.Columns ?? { Count: 0 }).map((each) => [each.Name, each.Type.Name])),
  }
}
console.log(JSON.stringify(said))
