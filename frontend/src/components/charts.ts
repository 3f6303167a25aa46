/** ECharts in parts: add here what a chart needs, and nothing else is loaded. */
import { BarChart, HeatmapChart, LineChart } from 'echarts/charts'
import { AriaComponent, CalendarComponent, GridComponent, LegendComponent, TooltipComponent, VisualMapComponent } from 'echarts/components'
import { init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'

use([
  BarChart, LineChart, HeatmapChart, GridComponent, TooltipComponent, LegendComponent, CalendarComponent, VisualMapComponent,
  AriaComponent, SVGRenderer,
])

export { init }
