from django.http import HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from shop.shop import buy


@csrf_exempt
def order(request, product):
    return HttpResponse(str(buy(product, int(request.POST["quantity"])).pk))


urlpatterns = [path("order/<int:product>", order)]
